# Not run where it was written, for want of a container engine: try it before you rely on it.
#
#   docker build -t parley .
#   docker run -p 127.0.0.1:8000:8000 -v parley-data:/data -e PUBLIC_URL=https://chat.example.org parley
#
# A reverse proxy in front of it does TLS; PUBLIC_URL is the address that people see.
FROM denoland/deno:debian-2.9.6

WORKDIR /app
RUN mkdir /data && chown deno:deno /app /data
USER deno

COPY --chown=deno:deno . .
# Fills the cache of the image; `start` builds the client and checks the cache again.
RUN deno install --entrypoint server/main.ts

ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
EXPOSE 8000
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["deno", "eval", "--no-config", "const { ok } = await fetch(`http://127.0.0.1:${Deno.env.get('PORT')}/healthz`); Deno.exit(ok ? 0 : 1)"]
CMD ["deno", "task", "start"]
