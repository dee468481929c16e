# The simulated API of the tests as an image, for the demo of compose.yaml. It plays; no exporter needs it.
FROM debian:bookworm AS build
WORKDIR /src
COPY scripts/packages/build.txt scripts/packages/run.txt scripts/packages/
RUN apt-get update \
 && grep -hv '^#' scripts/packages/build.txt scripts/packages/run.txt \
      | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release \
 && cmake --build --preset release --target serverspace_simulator \
 && strip build/release/bin/serverspace_simulator

FROM debian:bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libbrotli1 libcpp-httplib0.11 libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 65532 -g 65532 -m 0700 /demo
COPY --from=build /src/build/release/bin/serverspace_simulator /usr/bin/serverspace_simulator
LABEL org.opencontainers.image.title="serverspace-simulator" \
      org.opencontainers.image.description="A simulated Serverspace API for trying serverspace-exporter" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 8443
# Its certificate and key of the first project appear once it accepts connections.
HEALTHCHECK --interval=2s --timeout=2s --retries=30 CMD ["test", "-s", "/demo/port"]
ENTRYPOINT ["/usr/bin/serverspace_simulator", "--listen", "0.0.0.0:8443", "--host-name", "simulator", \
            "--ca-out", "/demo/ca.pem", "--keys-dir", "/demo/keys", "--port-file", "/demo/port"]
