# syntax=docker/dockerfile:1
# The host and the functions of this repository. Nothing is built when it starts.
#   docker build -t pressroom .
#   docker run -p 8787:8787 -e PRESSROOM_ADMIN_TOKEN=… -v pressroom:/data pressroom

ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json README.md LICENSE ./
COPY bin ./bin
COPY deploy ./deploy
COPY scripts ./scripts
COPY src ./src
RUN npm pack --pack-destination /tmp
# The packages exactly as the lockfile has them, the host among them; of two Nodes the image's own is kept.
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --omit=dev \
 && rm -rf node_modules/node-linux-* node_modules/.bin/node \
 && mkdir node_modules/pressroom \
 && tar -xzf /tmp/pressroom-*.tgz -C node_modules/pressroom --strip-components=1 \
 && node node_modules/pressroom/bin/pressroom.js --version

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    PRESSROOM_HOST=0.0.0.0 \
    PRESSROOM_DATA=/data \
    PRESSROOM_FUNCTIONS=/app/functions \
    PRESSROOM_CONFIG=/app/wrangler.toml
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY wrangler.toml ./
COPY functions ./functions
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8787 8788
STOPSIGNAL SIGTERM
# The operator's port answers this without its token.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PRESSROOM_ADMIN_PORT || 8788) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# By its file, not by npx: the signal to stop must reach the host itself.
CMD ["node", "node_modules/pressroom/bin/pressroom.js", "start"]
