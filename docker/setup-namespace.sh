#!/bin/sh
# Temporal's namespace (TEMPORAL_NAMESPACE on TEMPORAL_ADDRESS). Closed runs are kept for a day: about 50 KB a photo, and what
# is known of a photo is in Darkroom's own database. Darkroom adds its search attribute itself. Safe to repeat.
set -eu
: "${TEMPORAL_ADDRESS:?is not set}" "${TEMPORAL_NAMESPACE:?is not set}"

# The port is open before the parts of the server have found each other: until then it refuses.
attempt=1
until temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 24h; do
  if [ "$attempt" -ge 60 ]; then
    echo "The namespace $TEMPORAL_NAMESPACE could not be made on $TEMPORAL_ADDRESS." >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 2
done
echo "The namespace $TEMPORAL_NAMESPACE is there."
