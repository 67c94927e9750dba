const RELAY_PATTERN = /^turns?:(.+?)(:\d+)?(?:\?|$)/;

/**
 * Returns the servers with the relay at `usedUrl` last, and before it those of the same host. Browsers prefer relays by
 * their order, and leave one that has died at once only for one that is not behind it.
 */
export function preferOtherRelays(servers: readonly RTCIceServer[], usedUrl: string): RTCIceServer[] {
  const [, usedHost, usedPort] = RELAY_PATTERN.exec(usedUrl) ?? [];
  const rankOf = (url: string) => {
    const [, host, port] = RELAY_PATTERN.exec(url) ?? [];
    if (host === undefined || host !== usedHost) return 0;
    return port === usedPort ? 2 : 1;
  };
  return servers.map(({ urls, ...rest }) => {
    const sorted = [urls].flat().toSorted((one, other) => rankOf(one) - rankOf(other));
    return { ...rest, urls: sorted };
  });
}
