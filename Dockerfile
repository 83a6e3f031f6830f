# Surgegate: edge, orchestrator and synthetic caller in one image. README.md, "Install", says how it is run.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json README.md ./
COPY src ./src
COPY config ./config
COPY dialplans ./dialplans
COPY grafana ./grafana
# What the image holds is what the package holds: the tarball, and what it needs to run in the versions of the lock file.
RUN npm pack --pack-destination /tmp \
    && mkdir /opt/surgegate \
    && tar -xzf /tmp/surgegate-*.tgz -C /opt/surgegate --strip-components=1 \
    && cp package-lock.json /opt/surgegate/ \
    && cd /opt/surgegate \
    && npm ci --omit=dev --no-audit --no-fund \
    && chmod 0755 dist/cli.js

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="surgegate" \
      org.opencontainers.image.description="A SIP edge that keeps VoIP switches alive through mass-call events"
ENV NODE_ENV=production \
    STATE_DIRECTORY=/var/lib/surgegate \
    HEALTH_URL=http://127.0.0.1:9464/healthz
COPY --from=build /opt/surgegate /opt/surgegate
# Everything but the state belongs to root, so the root file system may be read-only.
RUN ln -s /opt/surgegate/dist/cli.js /usr/local/bin/surgegate \
    && install -d -m 0700 -o node -g node /var/lib/surgegate
USER 1000:1000
WORKDIR /var/lib/surgegate
VOLUME /var/lib/surgegate
# SIP, SIP over TLS, WebSocket, and HTTP for operators and Prometheus
EXPOSE 5060/udp 5060/tcp 5061/tcp 5066/tcp 9464/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No init in front of it: it handles SIGTERM, SIGINT and SIGHUP itself and waits for what few children it has.
ENTRYPOINT ["node", "/opt/surgegate/dist/cli.js"]
CMD ["run", "--config", "/etc/surgegate/surgegate.yaml"]
