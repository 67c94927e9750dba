# The KV Connect server, built from its sources. Not run where it was written, like compose.yaml.
FROM rust:1-slim-bookworm AS build
RUN cargo install denokv --version 0.14.0 --locked --root /opt/denokv

FROM debian:bookworm-slim
RUN useradd --system --uid 1993 denokv && mkdir /data && chown denokv /data
COPY --from=build /opt/denokv/bin/denokv /usr/local/bin/denokv
USER denokv
VOLUME /data
EXPOSE 4512
CMD ["denokv", "--sqlite-path", "/data/kv.sqlite", "serve", "--addr", "0.0.0.0:4512", "--num-workers", "3"]
