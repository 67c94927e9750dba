# Not run where it was written, for want of a container engine: try it before you rely on it.
#
#   docker build -t parley .
#   docker run -p 127.0.0.1:8000:8000 -v parley-data:/data \
#     -e PUBLIC_URL=https://chat.example.org -e TRUST_PROXY=172.17.0.1 parley
#
# A reverse proxy in front of it does TLS; PUBLIC_URL is the address that people see, TRUST_PROXY the one from which
# the proxy comes: of a proxy on the host that of Docker's bridge, as here.
#
# To build on one image and no other, look its digest up by `docker buildx imagetools inspect denoland/deno:debian-2.9.6`
# and build with `--build-arg DENO_IMAGE=denoland/deno@sha256:…`.
ARG DENO_IMAGE=denoland/deno:debian-2.9.6
FROM ${DENO_IMAGE}

WORKDIR /app
RUN mkdir --mode 700 /data && chown deno:deno /app /data
USER deno

COPY --chown=deno:deno . .
# Exactly the packages of deno.lock, and the client built of them: the start fetches nothing and writes to /data alone.
RUN deno cache --frozen server/main.ts client/main.tsx && deno task build

ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
EXPOSE 8000
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["deno", "eval", "--no-config", "const { ok } = await fetch(`http://127.0.0.1:${Deno.env.get('PORT')}/healthz`); Deno.exit(ok ? 0 : 1)"]
CMD ["deno", "task", "--quiet", "serve"]
