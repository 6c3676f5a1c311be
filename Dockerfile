# docker build -t trainlint . && docker run --rm -v "$PWD/runs:/logs:ro" -v "$PWD/report:/report" trainlint
FROM python:3.13-slim
COPY . /tmp/trainlint
RUN pip install --no-cache-dir "/tmp/trainlint[parquet]" && rm -r /tmp/trainlint
USER nobody
WORKDIR /logs
ENTRYPOINT ["trainlint"]
CMD ["audit", "/logs", "--report", "/report"]
