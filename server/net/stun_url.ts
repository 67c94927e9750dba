const PATTERN = /^stun:(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9.-]+))(?::(?<port>\d{1,5}))?$/i;

/** Whether a text is an address of RFC 7064 that browsers can use. */
export function isStunUrl(text: string): boolean {
  const { v6, name, port = "3478" } = PATTERN.exec(text)?.groups ?? {};
  if (v6 === undefined && name === undefined) return false;
  return URL.canParse(`http://${v6 === undefined ? name : `[${v6}]`}`) && Number(port) >= 1 &&
    Number(port) <= 65_535;
}
