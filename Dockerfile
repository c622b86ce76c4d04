# Build: everything, then only what runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node build.js && npm prune --omit=dev

# Run: no shell, no package manager, no root.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="Millwright" \
      org.opencontainers.image.description="One monitoring system for the plant and the data centre" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=0:0 /app/package.json ./
COPY --from=build --chown=0:0 /app/node_modules ./node_modules
COPY --from=build --chown=0:0 /app/dist ./dist
COPY --from=build --chown=0:0 /app/deploy/healthcheck.js ./deploy/healthcheck.js
# Config is mounted read-only here; its relative folders (spool, store) belong under /var/lib/millwright.
VOLUME ["/etc/millwright", "/var/lib/millwright"]
EXPOSE 8460
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "/app/deploy/healthcheck.js"]
CMD ["/app/dist/cli/main.js", "up", "--config", "/etc/millwright"]
