/** Gets this page once more, as a document in which nothing runs; null if that fails. */
export function fetchPage(): Promise<Document | null> {
  // Unlike fetch, it parses what it gets, so that no text becomes markup here.
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.setRequestHeader("Accept", "text/html");
  request.setRequestHeader("Cache-Control", "no-cache");
  request.responseType = "document";
  return new Promise((resolve) => {
    request.onloadend = () => resolve(request.status === 200 ? request.responseXML : null);
    request.send();
  });
}
