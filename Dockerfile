# The service and its migrations, nothing else: no compiler, no pip in the environment, no test tools, no embedded
# Postgres. requirements.lock holds everything a developer needs, so the image has a lock of its own,
# requirements-runtime.lock: the same versions and hashes (make lint proves it), without the extras.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# The slow layer: it changes with the locks only. The build tool goes into this stage's own Python and stays here.
COPY requirements-build.lock requirements-runtime.lock ./
RUN python -m pip install --quiet --no-deps --require-hashes -r requirements-build.lock \
    && python -m venv --without-pip /opt/claims \
    && python -m pip --python /opt/claims/bin/python install --quiet --no-deps --require-hashes -r requirements-runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/claims/bin/python install --quiet --no-deps --no-index dist/*.whl

FROM ${PYTHON_IMAGE}
# Bytecode is made in the build; at run time nothing is written, so the root file system can be read-only.
ENV PATH=/opt/claims/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 CLAIMS_HOST=0.0.0.0 CLAIMS_PORT=8000
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /app --shell /usr/sbin/nologin claims
WORKDIR /app
COPY --from=build /opt/claims /opt/claims
COPY alembic.ini ./
COPY migrations migrations
# By number: an orchestrator can check without the image's user list that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['CLAIMS_PORT'] + '/healthz', timeout=2)"]
CMD ["claims-api", "serve"]
