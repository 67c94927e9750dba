import { AddressRanges } from "../../server/net/address.ts";
import { freePort } from "../support/free_port.ts";
import { makeCertificate, startProxy, temporaryPaths } from "../support/proxies.ts";
import type { Certificate, ProxyConfig } from "../support/proxies.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";

/** Proxies as people have them who have not read `server/deploy/`: everything is buffered and compressed. */
const CONFIGS = {
  nginx: ({ httpsPort, instancePorts: [port], certificate }, folder) =>
    `pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  ${temporaryPaths(folder)}
  access_log off;
  gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;
  proxy_buffering on; proxy_buffers 16 64k; proxy_http_version 1.0;
  server {
    listen 127.0.0.1:${httpsPort} ssl;
    ssl_certificate ${certificate.certFile}; ssl_certificate_key ${certificate.keyFile};
    location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}`,
  caddy: ({ httpsPort, httpPort, instancePorts: [port], certificate }) =>
    `{
  admin off
  http_port ${httpPort}
  https_port ${httpsPort}
  default_bind 127.0.0.1
}
https://127.0.0.1:${httpsPort} {
  tls ${certificate.certFile} ${certificate.keyFile}
  encode zstd gzip
  reverse_proxy 127.0.0.1:${port}
}`,
} satisfies Record<string, ProxyConfig>;

/** A proxy of which there is such a configuration. */
export type CarelessName = keyof typeof CONFIGS;
/** All of them. */
export const CARELESS_NAMES = Object.keys(CONFIGS) as CarelessName[];

/** A server behind a proxy whose configuration says nothing of event streams. */
export interface CarelessDeployment extends AsyncDisposable {
  readonly app: TestApp;
  /** Where the proxy listens. */
  readonly origin: string;
  readonly certificate: Certificate;
}

/** Starts both. */
export async function startCareless(name: CarelessName): Promise<CarelessDeployment> {
  await using opened = new AsyncDisposableStack();
  const [httpsPort, httpPort] = [freePort(), freePort()];
  const folder = await Deno.makeTempDir({ prefix: "parley-careless-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const certificate = await makeCertificate(folder);
  const trustProxy = new AddressRanges();
  trustProxy.add("127.0.0.1");
  const app = opened.use(await testApp({ config: { trustProxy } }));
  const instancePorts = [app.port, app.port] as const;
  opened.use(await startProxy(name, { httpsPort, httpPort, instancePorts, certificate }, CONFIGS[name]));
  const rest = opened.move();
  return {
    app,
    origin: `https://127.0.0.1:${httpsPort}`,
    certificate,
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}
