# The KV Connect server, built from its sources. Not run where it was written, like compose.yaml.
# Digests in place of the tags by `--build-arg RUST_IMAGE=rust@sha256:…` and DEBIAN_IMAGE.
ARG RUST_IMAGE=rust:1-slim-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim
FROM ${RUST_IMAGE} AS build
RUN cargo install denokv --version 0.14.0 --locked --root /opt/denokv

FROM ${DEBIAN_IMAGE}
RUN useradd --system --uid 1993 denokv && mkdir --mode 700 /data && chown denokv /data
COPY --from=build /opt/denokv/bin/denokv /usr/local/bin/denokv
USER denokv
VOLUME /data
EXPOSE 4512
CMD ["denokv", "--sqlite-path", "/data/kv.sqlite", "serve", "--addr", "0.0.0.0:4512", "--num-workers", "3"]
