# One image for all four services and the `darkroom` command.
FROM python:3.13-slim AS page
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/node/bin:$PATH
WORKDIR /src
COPY requirements-page.lock .
COPY deploy/install-locked.sh deploy/install-node.sh deploy/
RUN sh deploy/install-node.sh /opt/node
COPY services/gateway/page/package.json services/gateway/page/package-lock.json services/gateway/page/.npmrc page/
RUN cd page && npm ci --omit=dev --silent
COPY services/gateway/page page
RUN cd page && node build.mjs

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/darkroom
WORKDIR /src
# The lock alone first, so that a change of code does not install everything again.
COPY requirements.lock .
RUN /opt/darkroom/bin/pip install --quiet --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml LICENSE ./
COPY services services
COPY shared shared
COPY darkroom darkroom
COPY --from=page /src/page/built services/gateway/page/built
RUN /opt/darkroom/bin/pip install --quiet --no-deps .

FROM python:3.13-slim
# jpegtran: large progressive JPEGs take less memory through it, see docs/decisions/0013-progressive-jpegs.md.
RUN apt-get update && apt-get install --yes --no-install-recommends libjpeg-turbo-progs && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/darkroom --create-home darkroom \
 && install -d -o darkroom -g darkroom /var/lib/darkroom/objects
COPY --from=build /opt/darkroom /opt/darkroom
ENV PATH=/opt/darkroom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DARKROOM_OBJECTS_URL=/var/lib/darkroom/objects
USER darkroom
WORKDIR /var/lib/darkroom
VOLUME /var/lib/darkroom/objects
CMD ["python", "-m", "services.gateway"]
