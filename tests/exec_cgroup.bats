#!/usr/bin/env bats
# exec --cgroup: a process in a cgroup below that of the container.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154 # output is bats'
# shellcheck disable=SC2317 # in_each_view calls them

load lib/bundle
load lib/cgroup

# Where a process of the container is, seen from the host: its lines of /proc/PID/cgroup.
without_namespace='.linux.namespaces |= map(select(.type != "cgroup"))'

idle_with_below() { # NAME...
	local name
	make_bundle "$without_namespace"
	start_idle
	for name; do make_cgroup "/$ID/$name"; done
}

expect_refused() { # TEXT [OPTION...]
	local text=$1
	shift
	run minirun exec "$@" "$ID" true
	expect_status 255
	expect_one_line
	expect_text "$text"
}

@test "a path alone is for every hierarchy" {
	check() {
		idle_with_below jobs jobs/one
		run minirun exec --cgroup jobs/one "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_equal "$(grep -c ":/$ID/jobs/one\$" <<<"$output")" "$(hierarchies | wc -l)"
		run minirun exec --cgroup /jobs// "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_equal "$(grep -c ":/$ID/jobs\$" <<<"$output")" "$(hierarchies | wc -l)"
		minirun delete --force "$ID"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "/ is the container's own, wherever its first process is" {
	check() {
		local pid
		idle_with_below moved
		pid=$(minirun state "$ID" | jq .pid)
		hierarchies | while read -r top; do echo "$pid" >"$top/$ID/moved/cgroup.procs"; done
		run minirun exec "$ID" cat /proc/self/cgroup
		expect_equal "$(grep -c ":/$ID/moved\$" <<<"$output")" "$(hierarchies | wc -l)"
		run minirun exec --cgroup / "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_equal "$(grep -c ":/$ID\$" <<<"$output")" "$(hierarchies | wc -l)"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "each controller of v1 has its own, the others that of the container" {
	check() {
		local own
		[[ $VIEW != v2 ]] || return 0
		idle_with_below one two
		run minirun exec --cgroup memory,pids:one --cgroup cpu,cpuacct:two "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_text ":memory:/$ID/one" ":pids:/$ID/one"
		expect_match ":[^:]*cpu[^:]*:/$ID/two"
		own=$(grep -c ":/$ID\$" <<<"$output")
		expect_equal "$((own + $(grep -c ":/$ID/" <<<"$output")))" "$(hierarchies | wc -l)"
		[[ $own -gt 0 ]] || fail "none is the container's own"
		expect_refused "option '--cgroup': two cgroups for '" --cgroup pids:one --cgroup pids:two
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "the container's cgroup namespace shows it below the root" {
	check() {
		make_bundle '.linux.namespaces |= (. + [{ type: "cgroup" }] | unique)'
		start_idle
		make_cgroup "/$ID/jobs"
		run minirun exec --cgroup jobs "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_match ':/jobs'
		expect_no_text "$ID"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "it does not lead out of the container's, and makes nothing" {
	check() {
		local path
		idle_with_below one
		make_cgroup "/$ID-other"
		for path in .. one/../.. "../$ID-other" one/..; do
			expect_refused "option '--cgroup': '..' in the cgroup path '/$ID/$path'" --cgroup "$path"
		done
		expect_refused "option '--cgroup': a control character" --cgroup $'one\ntwo'
		expect_refused "/$ID/two': no such file or directory" --cgroup two
		expect_refused "/$ID/cgroup.procs': not a directory" --cgroup cgroup.procs
		expect_no_cgroup "/$ID/two"
		remove_cgroup "/$ID-other"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a controller that is not of v1, and one without, are refused" {
	check() {
		idle_with_below one
		expect_refused "option '--cgroup': unknown controller 'no' (here cgroup v2 has it, or nothing: for cgroup v2 give the path alone)" \
			--cgroup no:one
		expect_refused "unknown controller ''" --cgroup :one
		expect_refused "option '--cgroup': 'one' names no controller (several have to: CONTROLLER[,CONTROLLER]...:PATH)" \
			--cgroup one --cgroup one
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container of a user namespace has it too" {
	check() {
		make_bundle "$without_namespace"' | .linux.namespaces += [{ type: "user" }] |
			.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
			.linux.gidMappings = .linux.uidMappings'
		start_idle
		make_cgroup "/$ID/one"
		run minirun exec --cgroup one "$ID" cat /proc/self/cgroup
		expect_status 0
		expect_equal "$(grep -c ":/$ID/one\$" <<<"$output")" "$(hierarchies | wc -l)"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a container without a cgroup of its own has none below" {
	make_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	minirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	expect_refused "option '--cgroup': the container has no cgroup of its own" --cgroup /
	minirun delete --force "$ID"
}

@test "with v2, what has controllers for others is no place for a process" {
	VIEW=v2
	local controller
	idle_with_below one
	controller=$(cut -d' ' -f1 "$(unified)/$ID/cgroup.controllers")
	[[ -n $controller ]] || skip "the host has no controller on v2"
	minirun state "$ID" | jq .pid >"$(unified)/$ID/one/cgroup.procs"
	echo "+$controller" >"$(unified)/$ID/cgroup.subtree_control"
	expect_refused "device or resource busy (a cgroup with controllers for those below it has no processes: --cgroup names another)" \
		--cgroup /
	run minirun exec --cgroup one "$ID" true
	expect_status 0
	minirun delete --force "$ID"
}
