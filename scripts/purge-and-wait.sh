#!/usr/bin/env bash
# The GitHub Action's one step (action.yml): starts a purge, waits for its end, prints the report. Needs the `aws` command line and jq.
# Exit codes: 0 as good as required, 1 worse, 2 could not be started or followed.
set -euo pipefail

stop() {
  echo "$*" >&2
  exit 2
}

for tool in aws jq; do command -v "$tool" >/dev/null || stop "$tool is not installed on this runner: install it in a step before."; done
[[ $MACHINE =~ ^arn:aws:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[A-Za-z0-9_-]+$ ]] ||
  stop "state-machine-arn is not the ARN of a state machine: take it from \`terraform output state_machine_arns\`."
[[ $TARGET =~ ^[a-z][a-z0-9-]{0,31}$ ]] || stop "'$TARGET' is not the id of a target: /clear-cache list shows them."
[[ $REQUIRE == verified || $REQUIRE == unproven ]] || stop 'require must be verified or unproven.'
[[ $TIMEOUT_SECONDS =~ ^[1-9][0-9]{0,5}$ ]] || stop 'timeout-seconds must be a whole number of seconds.'

region=$(cut -d: -f4 <<<"$MACHINE")
# One step of one attempt of one run starts one purge, however often a lost answer makes us ask.
step=$(cksum <<<"${GITHUB_JOB:-}/${GITHUB_ACTION:-}" | cut -d' ' -f1)
name=action-$TARGET-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-$step
execution=${MACHINE/:stateMachine:/:execution:}:${name:0:80}
input=$(jq -cn --arg target "$TARGET" --arg requester "${GITHUB_ACTOR:-GitHub}" '{$target, $requester}')

if ! problem=$(aws stepfunctions start-execution --region "$region" --state-machine-arn "$MACHINE" --name "${name:0:80}" \
  --input "$input" 2>&1 >/dev/null); then
  [[ $problem == *ExecutionAlreadyExists* ]] || stop "The purge could not be started: $problem"
fi
echo "execution-arn=$execution" >>"${GITHUB_OUTPUT:-/dev/null}"
echo "Purging $TARGET: $execution"

status=RUNNING
description={}
deadline=$((SECONDS + TIMEOUT_SECONDS))
while [[ $status == RUNNING && $SECONDS -lt $deadline ]]; do
  sleep "${POLL_SECONDS:-5}"
  # One answer that is lost is no ending: the deadline bounds how many may be.
  if answer=$(aws stepfunctions describe-execution --region "$region" --execution-arn "$execution" --output json 2>&1); then
    description=$answer
    status=$(jq -r .status <<<"$description")
  else
    echo "No answer about the purge, asking again: $answer" >&2
  fi
done
[[ $status != RUNNING ]] || stop "The purge did not end within $TIMEOUT_SECONDS s. It goes on, and Slack will tell its end."

report=$(jq -r 'if .status == "SUCCEEDED" then (.output | fromjson | .text) else (.cause // "The execution ended as \(.status).") end' <<<"$description")
verdict=$(jq -r 'if .status == "SUCCEEDED" then (.output | fromjson | .verdict) else "failed" end' <<<"$description")
echo "verdict=$verdict" >>"${GITHUB_OUTPUT:-/dev/null}"
printf '%s\n' '~~~' "$report" '~~~' >>"${GITHUB_STEP_SUMMARY:-/dev/null}"

# What instances said must not be taken for a workflow command.
token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf '::stop-commands::%s\n%s\n::%s::\n' "$token" "$report" "$token"

case $REQUIRE,$verdict in
  *,verified | unproven,unproven) exit 0 ;;
  *) echo "The purge is $verdict, and $REQUIRE was required." >&2 && exit 1 ;;
esac
