#!/usr/bin/env bats
# update: other limits for a container that lives, read in it through its mount of type cgroup,
# in every view; and what is on record of them.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# The container's directory of the controller, seen from /sys/fs/cgroup in it.
inside() { # CONTROLLER
	local top
	top=$(hierarchy_of "$1") || return 1
	if [[ $top != "$(unified)" ]]; then
		echo "$1/"
	elif [[ $VIEW == hybrid ]]; then
		echo unified/
	fi
}

# What the container reads in its files, of v1 or of v2, joined by commas.
expect_limits() { # CONTROLLER V1FILES WANT V2FILES WANT
	local files=$2 want=$3
	[[ $(hierarchy_of "$1") != "$(unified)" ]] || files=$4 want=$5
	run minirun exec "$ID" sh -c "cd /sys/fs/cgroup/$(inside "$1") && cat $files | tr '\n' ,"
	expect_output "$want,"
}

# The member of the copy, which stays true.
expect_recorded() { # JQ WANT
	expect_equal "$(jq -c ".linux.resources$1" "$ROOT/$ID/config.json")" "$2"
}

expect_update() { # ARGUMENT...
	run minirun update "$@" "$ID"
	expect_output ""
	expect_status 0
}

expect_refused() { # MESSAGE ARGUMENT...
	local message=$1
	shift
	run minirun update "$@" "$ID"
	expect_status 1
	expect_one_line
	expect_text "$message"
}

# In a view without the controller it is refused, and that is all there is to see.
lacks() { # CONTROLLER ARGUMENT...
	local controller=$1
	shift
	! inside "$controller" >/dev/null || return 1
	expect_refused "the $controller controller is not available in" "$@"
	minirun delete --force "$ID"
}

@test "pids: of a container that runs, is paused or waits to be started" {
	check() {
		make_bundle '.linux.resources.pids = { limit: 50 } | .process.args = ["tail", "-f", "/dev/null"]'
		inside pids >/dev/null || edit_config 'del(.linux.resources.pids)'
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		! lacks pids --pids-limit 40 || return 0
		expect_update --pids-limit 40
		minirun start "$ID"
		expect_limits pids pids.max 40 pids.max 40
		minirun pause "$ID"
		expect_update --pids-limit=-1
		minirun resume "$ID"
		expect_limits pids pids.max max pids.max max
		expect_recorded .pids.limit -1
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "memory and swap: lowered, raised and given up" {
	check() {
		local limit=memory.limit_in_bytes swap=memory.memsw.limit_in_bytes
		local both="memory.max memory.swap.max"
		make_bundle
		start_idle
		! lacks memory --memory 64M || return 0
		expect_update --memory 64M --memory-swap 128M
		expect_limits memory "$limit $swap" 67108864,134217728 "$both" 67108864,67108864
		expect_update --memory 256M --memory-swap 512m --memory-reservation 32MiB
		expect_limits memory "$limit $swap memory.soft_limit_in_bytes" 268435456,536870912,33554432 \
			"$both memory.low" 268435456,268435456,33554432
		expect_update --memory 32M --memory-swap 33554432
		expect_limits memory "$limit $swap" 33554432,33554432 "$both" 33554432,0
		expect_refused "linux.resources.memory.swap: 33554432 is below memory.limit, 67108864" --memory 64M
		expect_limits memory "$limit $swap" 33554432,33554432 "$both" 33554432,0
		expect_update --memory -1
		expect_limits memory "$limit $swap" 9223372036854771712,9223372036854771712 "$both" max,max
		expect_recorded .memory '{"limit":-1,"swap":null,"reservation":33554432}'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "cpu: each update adds to what was said before" {
	check() {
		make_bundle '.linux.resources.cpu = { period: 200000, shares: 512 }'
		inside cpu >/dev/null || edit_config 'del(.linux.resources.cpu)'
		start_idle
		! lacks cpu --cpu-quota 50000 || return 0
		local quota="cpu.cfs_quota_us cpu.cfs_period_us"
		expect_update --cpu-quota 50000
		expect_limits cpu "$quota" 50000,200000 cpu.max "50000 200000"
		expect_update --cpu-period 100000 --cpu-burst 1000
		expect_limits cpu "$quota cpu.cfs_burst_us" 50000,100000,1000 \
			"cpu.max cpu.max.burst" "50000 100000,1000"
		expect_update --cpu-burst 0 --cpu-idle 1
		expect_limits cpu "cpu.cfs_burst_us cpu.idle" 0,1 "cpu.max.burst cpu.idle" 0,1
		expect_update --cpu-share 2048
		expect_update --cpu-idle 0
		expect_limits cpu "cpu.idle cpu.shares" 0,2048 "cpu.idle cpu.weight" 0,174
		expect_update --cpu-quota -1
		expect_limits cpu "$quota" -1,100000 cpu.max "max 100000"
		expect_recorded .cpu '{"period":100000,"shares":2048,"quota":-1,"burst":0,"idle":0}'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "cpuset: the process moves at once" {
	check() {
		make_bundle
		start_idle
		! lacks cpuset --cpuset-cpus 0 || return 0
		expect_update --cpuset-cpus 0 --cpuset-mems 0
		run minirun exec "$ID" grep -E "^(Cpus|Mems)_allowed_list" /proc/1/status
		expect_match 'Cpus_allowed_list:[[:space:]]+0.*Mems_allowed_list:[[:space:]]+0'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "a file and standard input: members of any section, and what is not set is left alone" {
	check() {
		make_bundle
		start_idle
		! lacks pids --pids-limit 9 || return 0
		echo '{ "memory": { "limit": 67108864 }, "cpu": { "quota": 5000, "shares": 100 }, "pids": { "limit": 9 } }' \
			>"$BATS_TEST_TMPDIR/limits.json"
		expect_update --resources "$BATS_TEST_TMPDIR/limits.json"
		# What dockerd writes.
		run minirun update --resources=- "$ID" <<<'{ "memory": { "limit": 0, "reservation": 0, "swap": 0 },
			"cpu": { "shares": 200, "quota": 0, "period": 0, "cpus": "", "mems": "" },
			"blockIO": { "weight": 0 } }'
		expect_output ""
		expect_status 0
		expect_limits memory memory.limit_in_bytes 67108864 memory.max 67108864
		expect_limits cpu "cpu.cfs_quota_us cpu.shares" 5000,200 cpu.max "5000 100000"
		expect_limits pids pids.max 9 pids.max 9
		# Options beside a file are ignored.
		expect_update --pids-limit 3 -r <(echo '{}')
		expect_limits pids pids.max 9 pids.max 9
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "huge pages and files of v2 by name" {
	requires "no huge pages of 2MB" test -e /sys/kernel/mm/hugepages/hugepages-2048kB
	check() {
		[[ $VIEW == v2 ]] || return 0
		inside hugetlb || skip "no hugetlb"
		make_bundle '.linux.resources = { hugepageLimits: [{ pageSize: "2MB", limit: 2097152 }],
			unified: { "cgroup.max.depth": "3" } }'
		start_idle
		run minirun update -r - "$ID" <<<'{ "hugepageLimits": [{ "pageSize": "2MB", "limit": 4194304 }],
			"unified": { "cgroup.max.descendants": "7" } }'
		expect_output ""
		expect_limits hugetlb - - "hugetlb.2MB.max cgroup.max.depth cgroup.max.descendants" 4194304,3,7
		expect_recorded '' '{"hugepageLimits":[{"pageSize":"2MB","limit":4194304}],'`
			`'"unified":{"cgroup.max.depth":"3","cgroup.max.descendants":"7"}}'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "everything is checked first, and what the kernel refuses is set back" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 67108864 }'
		inside memory >/dev/null || edit_config 'del(.linux.resources.memory)'
		start_idle
		! lacks memory --memory 32M || return 0
				expect_refused "--cpu-period 5: 5 is not between 1000 and 1000000" --memory 32M --cpu-period 5
		expect_limits memory memory.limit_in_bytes 67108864 memory.max 67108864
		expect_refused "--cpuset-cpus 4000: cannot write '4000' to" --memory 32M --cpuset-cpus 4000
		expect_limits memory memory.limit_in_bytes 67108864 memory.max 67108864
		expect_recorded .memory '{"limit":67108864}'
		expect_recorded .cpu null
		expect_refused "option '--memory': 'much' is not a size" --memory much
		expect_refused "option '--cpu-quota': '1k' is not a number" --cpu-quota 1k
		expect_refused "--cpu-share -1: not an unsigned integer" --cpu-share -1
		printf '{\n "cpu": { "quota": "1" } }' >"$BATS_TEST_TMPDIR/limits.json"
		expect_refused "limits.json:2:20: cpu.quota: not an integer of 64 bits" -r "$BATS_TEST_TMPDIR/limits.json"
		printf '{\n "memory": { "limit": 5, "swap": 4 } }' >"$BATS_TEST_TMPDIR/limits.json"
		expect_refused "limits.json:2:34: memory.swap: 4 is below memory.limit, 5" -r "$BATS_TEST_TMPDIR/limits.json"
		expect_refused "cannot open '/nothing': no such file or directory" -r /nothing
		run minirun update -r - "$ID" <<<'{ "memory":'
		expect_status 1
		expect_text "standard input:2:1: "
		run minirun update -r - "$ID" <<<'[]'
		expect_output "minirun: standard input:1:1: not an object"
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "memory below what is used is refused where it was asked to look first" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 67108864, checkBeforeUpdate: true }'
		inside memory >/dev/null || return 0
		start_idle
		expect_refused "--memory 4k: " --memory 4k
		expect_text "bytes "
		expect_equal "$(state_of "$ID")" running
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "device rules stay, unless there are other ones" {
	check() {
		make_bundle '.process.capabilities |= with_entries(.value += ["CAP_MKNOD"]) |
			.linux.resources.devices = [{ allow: false, access: "rwm" }]'
		start_idle
		local look='[ -e /dev/x ] || mknod /dev/x b 250 7; cat /dev/x'
		run minirun exec "$ID" sh -c "$look"
		expect_text "Operation not permitted"
		if [[ $VIEW != v2 ]]; then
			# By another program, as nvidia's is.
			echo "b 250:7 rwm" >"/sys/fs/cgroup/devices/$ID/devices.allow"
			run minirun update -r - "$ID" <<<'{ "devices": [{ "allow": false, "access": "rwm" }], "pids": { "limit": 30 } }'
			expect_output ""
			run minirun exec "$ID" sh -c "$look"
			expect_text "No such device"
		fi
		run minirun update -r - "$ID" <<<'{ "devices": [{ "allow": false, "access": "rwm" },
			{ "allow": true, "type": "b", "major": 250, "minor": 7, "access": "r" }] }'
		expect_output ""
		run minirun exec "$ID" sh -c "$look"
		expect_text "No such device"
		run minirun update -r - "$ID" <<<'{ "devices": [{ "allow": false, "access": "rwm" }] }'
		run minirun exec "$ID" sh -c "$look; head -c 1 /dev/zero | wc -c"
		expect_text "Operation not permitted" 1
		expect_recorded '.devices|length' 1
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "what changes nothing is accepted, and that is said" {
	check() {
		make_bundle
		start_idle
		inside memory >/dev/null || { minirun delete --force "$ID"; return; }
		run minirun update --kernel-memory 50M --kernel-memory-tcp 1g "$ID"
		expect_status 0
		expect_text "linux.resources.memory.kernel is ignored: " "linux.resources.memory.kernelTCP is ignored: "
		run minirun update --pids-limit 30 "$ID"
		expect_output ""
		expect_update --cpu-period '' --cpuset-cpus '' --memory '' --blkio-weight 0
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "who does not run cannot be updated" {
	check() {
		make_bundle '.process.args = ["true"]'
		expect_refused "container '$ID' does not exist" --pids-limit 5
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
		local pid
		pid=$(minirun state "$ID" | jq .pid)
		minirun start "$ID"
		wait_end "$pid"
		expect_refused "minirun: container not running (it is stopped)" --pids-limit 5
		minirun delete "$ID"
	}
	in_each_view check
}

@test "without a cgroup there are no limits, and that is one line" {
	make_bundle '.process.args = ["tail", "-f", "/dev/null"]'
	minirun --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	expect_refused "minirun: the container is not in a cgroup of its own, so that it has no limits" --pids-limit 5
}

@test "shares of cache and bandwidth are for a container that has a class" {
	make_bundle
	start_idle
	if grep -q ' resctrl ' /proc/self/mounts; then
		expect_refused "updating a non-existent Intel RDT configuration is not supported" --l3-cache-schema L3:0=f
	else
		expect_refused "Intel RDT/CAT: l3 cache schema is not enabled (this host has no resctrl" --l3-cache-schema L3:0=f
		expect_refused "Intel RDT/MBA: memory bandwidth schema is not enabled (this host" --mem-bw-schema MB:0=10
	fi
}

@test "an updated container can be executed in, committed and deleted, its bundle stays as it was" {
	make_bundle '.annotations["io.minirun.overlay.lower"] = ([$image] | tojson) | del(.root.overlay)' --arg image "$IMAGE"
	start_idle
	local before
	before=$(<"$BUNDLE/config.json")
	run minirun update -r - "$ID" <<<'{ "unified": {} }'
	expect_output ""
	run minirun exec "$ID" echo ran
	expect_output ran
	minirun commit --quiet "$ID" "$BATS_TEST_TMPDIR/image.tar"
	minirun commit --quiet "$ID" - | tar -t >/dev/null
	expect_equal "$(<"$BUNDLE/config.json")" "$before"
	expect_equal "$(jq -S 'del(.linux.resources.unified)' "$ROOT/$ID/config.json")" "$(jq -S . <<<"$before")"
	minirun delete --force "$ID"
}
