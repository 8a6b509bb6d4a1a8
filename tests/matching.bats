#!/usr/bin/env bats
# delete and kill --regex: all containers whose id an expression matches.
# shellcheck disable=SC2154 # status and output are bats'

load lib/bundle

create() { # ID...
	local id
	make_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	for id; do minirun create --bundle "$BUNDLE" "$id" </dev/null >/dev/null 2>&1; done
}

@test "delete takes those that match, and no other" {
	create "$RUN-a1" "$RUN-a22" "$RUN-b1"
	run minirun delete --force --regex "^$RUN-a[0-9]+\$"
	expect_status 0
	expect_output ""
	expect_equal "$(minirun list --quiet)" "$RUN-b1"
	minirun delete -f -r b1
	expect_equal "$(minirun list --quiet)" ""
}

@test "delete goes on after one that cannot be, and says each" {
	create "$RUN-a" "$RUN-b" "$RUN-c"
	minirun start "$RUN-a"
	minirun start "$RUN-c"
	run minirun delete --regex .
	expect_status 1
	expect_equal "${#lines[@]}" 2
	expect_match "^minirun: warning: container '$RUN-a': .*
minirun: container '$RUN-c': "
	expect_equal "$(minirun list --quiet)" "$RUN-a"$'\n'"$RUN-c"
}

@test "kill reaches those that match" {
	local pid
	create "$RUN-a" "$RUN-b"
	pid=$(minirun state "$RUN-a" | jq .pid)
	minirun kill --regex 'a$' KILL
	wait_end "$pid"
	expect_equal "$(state_of "$RUN-a") $(state_of "$RUN-b")" "stopped created"
	run minirun kill --regex '(a|b)$' 0
	expect_status 1
	expect_output "minirun: container '$RUN-a': container not running"
}

@test "that none matches is no error, what is no expression is" {
	create "$RUN-a"
	run minirun delete --force --regex '^none$'
	expect_status 0
	expect_output ""
	run minirun delete --force --regex '('
	expect_status 1
	expect_one_line
	expect_text "option '--regex': '(': "
	run minirun kill --regex '' KILL
	expect_status 1
	expect_output "minirun: option '--regex': the expression is empty"
	run minirun delete --force 'a$'
	expect_status 1
	expect_text "invalid container id 'a\$'"
	expect_equal "$(minirun list --quiet)" "$RUN-a"
}
