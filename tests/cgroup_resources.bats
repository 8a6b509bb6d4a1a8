#!/usr/bin/env bats
# linux.resources beyond cgroup.bats, read in the container through its mount of type cgroup:
# disks, huge pages, realtime, network, RDMA, and files by name. Each in every view.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# A container with these resources is refused with this message, and nothing is left.
expect_refused() { # RESOURCES MESSAGE
	make_bundle '.linux.resources = $resources' --argjson resources "$1"
	run run_script 'echo ran'
	expect_status 1
	expect_one_line
	expect_text "config.json:" "linux.resources.$2"
	expect_no_text ran
	expect_no_cgroup "/$ID"
}

# What the script says in a container with these resources, without a warning.
expect_inside() { # RESOURCES SCRIPT OUTPUT
	make_bundle '.linux.resources = $resources' --argjson resources "$1"
	run run_script "cd /sys/fs/cgroup; $2"
	expect_output "$3"
	expect_status 0
	expect_no_cgroup "/$ID"
}

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

# A disk that nobody uses.
disk() {
	requires "no loop device" test -e /sys/block/loop0/dev
	cat /sys/block/loop0/dev
}

@test "block I/O: weight and limits of devices are the kernel's" {
	local disk
	disk=$(disk)
	check() {
		local io resources
		resources=$(jq -n --arg disk "$disk" '($disk | split(":") | map(tonumber)) as [$major, $minor] |
			{ major: $major, minor: $minor } as $device | { blockIO: { weight: 300,
				throttleReadBpsDevice: [$device + { rate: 1048576 }],
				throttleWriteBpsDevice: [$device + { rate: 2097152 }],
				throttleReadIOPSDevice: [$device + { rate: 100 }],
				throttleWriteIOPSDevice: [$device + { rate: 0 }, $device + { rate: 200 }] } }')
		if io=$(inside blkio); then
			local limits=$disk\ 1048576$'\n'$disk\ 100$'\n'$disk\ 2097152$'\n'$disk\ 200
			if grep -qw bfq /sys/block/loop0/queue/scheduler; then
				expect_inside "$resources" "cd ./$io; cat blkio.bfq.weight blkio.throttle.*_device" \
					300$'\n'"$limits"
			else
				expect_refused "$resources" "blockIO.weight: cannot write '300' to "
				resources=$(jq 'del(.blockIO.weight)' <<<"$resources")
				expect_inside "$resources" "cd ./$io; cat blkio.throttle.*_device" "$limits"
			fi
		elif io=$(inside io); then
			make_bundle '.linux.resources = $resources' --argjson resources "$resources"
			run run_script "cd /sys/fs/cgroup/$io; cat io.max; cat io.bfq.weight || cat io.weight"
			expect_status 0
			expect_text "$disk rbps=1048576 wbps=2097152 riops=100 wiops=200"
			expect_match 'default (300|2930)'
		else
			expect_refused "$resources" \
				"blockIO.weight: the io controller is not available in '/sys/fs/cgroup"
		fi
	}
	in_each_view check
}

@test "block I/O: a device that is none is named, also where there is no scheduler for a weight" {
	local disk
	disk=$(disk)
	check() {
		inside blkio || inside io || return 0
		expect_refused '{ "blockIO": { "throttleReadBpsDevice": [{ "major": 4094, "minor": 7, "rate": 1 }] } }' \
			"blockIO.throttleReadBpsDevice[0]: this host has no block device 4094:7"
		expect_refused '{ "blockIO": { "weightDevice": [{ "major": 4094, "minor": 7, "weight": 10 }] } }' \
			"blockIO.weightDevice[0]: this host has no block device 4094:7"
		inside blkio && grep -q '\[none\].*bfq' /sys/block/loop0/queue/scheduler || return 0
		expect_refused '{ "blockIO": { "weightDevice": [
				{ "major": '"${disk%:*}"', "minor": '"${disk#*:}"', "weight": 10 }] } }' \
			"blockIO.weightDevice[0]: cannot write '$disk 10' to"
		expect_text "(the device's scheduler is not bfq)"
	}
	in_each_view check
}

@test "huge pages: what is used and what is reserved has the limit" {
	requires "no huge pages of 2MB" test -e /sys/kernel/mm/hugepages/hugepages-2048kB
	check() {
		local huge resources='{ "hugepageLimits": [{ "pageSize": "2MB", "limit": 4194304 }] }'
		if ! huge=$(inside hugetlb); then
			expect_refused "$resources" \
				"hugepageLimits[0]: the hugetlb controller is not available in '/sys/fs/cgroup"
		elif [[ $(hierarchy_of hugetlb) == "$(unified)" ]]; then
			expect_inside "$resources" "cat ./${huge}hugetlb.2MB.max ./${huge}hugetlb.2MB.rsvd.max" \
				4194304$'\n'4194304
		else
			expect_inside "$resources" \
				"cat ./$huge/hugetlb.2MB.limit_in_bytes ./$huge/hugetlb.2MB.rsvd.limit_in_bytes" \
				4194304$'\n'4194304
		fi
	}
	in_each_view check
}

@test "huge pages: of a size that the host has not; it says which it has" {
	requires "no huge pages of 2MB" test -e /sys/kernel/mm/hugepages/hugepages-2048kB
	check() {
		expect_refused '{ "hugepageLimits": [{ "pageSize": "3MB", "limit": 0 }] }' \
			"hugepageLimits[0].pageSize: this host has no pages of '3MB'; it has "
		expect_match 'it has .*2MB'
		expect_refused '{ "hugepageLimits": [{ "pageSize": "../../2MB", "limit": 0 }] }' \
			"hugepageLimits[0].pageSize: "
	}
	in_each_view check
}

@test "realtime: period and runtime, on v1 alone" {
	check() {
		local resources='{ "cpu": { "realtimePeriod": 500000, "realtimeRuntime": 1000 } }'
		local top
		if ! top=$(hierarchy_of cpu); then
			expect_refused "$resources" "cpu.realtimePeriod: the cpu controller is not available"
		elif [[ $top == "$(unified)" ]]; then
			expect_refused "$resources" "cpu.realtimePeriod: cgroup v2 has no such setting"
		elif [[ ! -e $top/cpu.rt_runtime_us ]]; then
			expect_refused "$resources" "cpu.realtimePeriod: cannot write '500000' to"
			expect_text "(this kernel has no such setting)"
		else
			expect_inside "$resources" 'cat cpu/cpu.rt_period_us cpu/cpu.rt_runtime_us' \
				500000$'\n'1000
			make_bundle '.linux.cgroupsPath = $path' --arg path "/$ID/made/box"
			run run_script 'echo ran'
			expect_status 1
			expect_text "cpu.realtimeRuntime: cannot write '1000' to" "(has the parent cgroup that much?)"
			expect_no_cgroup "/$ID"
		fi
	}
	in_each_view check
}

@test "network: a class and priorities on v1; on v2 it is ignored, and that is said" {
	local resources='{ "network": { "classID": 1048577, "priorities": [{ "name": "lo", "priority": 5 }] } }'
	check() {
		if [[ $VIEW == v2 ]]; then
			make_bundle '.linux.resources = $resources' --argjson resources "$resources"
			run run_script 'echo ran'
			expect_status 0
			expect_text "linux.resources.network is ignored: cgroup v2 has no such controller" ran
		elif inside net_cls; then
			expect_inside "$resources" \
				"cat net_cls/net_cls.classid; grep -w lo net_prio/net_prio.ifpriomap" 1048577$'\n''lo 5'
		else
			expect_refused "$resources" "network.classID: the net_cls controller is not available in"
		fi
	}
	in_each_view check
}

# The controllers of v1 that hosts do not mount any more, in a view that has them. The hierarchy
# goes with its mount, unless a cgroup in it was still on its way out.
with_net() { # COMMAND...
	"$view" v1 "$BASH" -c 'top=/sys/fs/cgroup/net_cls,net_prio
		mkdir "$top" && mount -t cgroup -o net_cls,net_prio cgroup "$top" && exec "$@"' bash "$@"
}

run_with_net() {
	with_net "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
}

@test "network: where the hierarchies are mounted, and an interface that is none" {
	requires "no v1" "$view" v1 true
	requires "no net_cls" with_net true
	make_bundle '.linux.resources.network = { classID: 1048577,
			priorities: [{ name: "lo", priority: 5 }] } |
		.process.args = ["sh", "-c", "cd /sys/fs/cgroup/;
			cat net_cls/net_cls.classid; grep -w lo net_prio/net_prio.ifpriomap"]'
	run run_with_net
	expect_output 1048577$'\n''lo 5'
	expect_status 0
	edit_config '.linux.resources.network.priorities = [{ name: "none7", priority: 1 }]'
	run run_with_net
	expect_status 1
	expect_text "linux.resources.network.priorities[0]: cannot write 'none7 1' to" \
		"(this host has no such interface)"
	with_net true
}

@test "RDMA: a device that the host has not, or no controller for it" {
	check() {
		expect_refused '{ "rdma": { "none7": { "hcaHandles": 3, "hcaObjects": 1000 } } }' 'rdma["none7"]: '
		expect_match "no RDMA device 'none7'|the rdma controller is not available in '/sys/fs/cgroup"
	}
	in_each_view check
}

@test "unified: files by their names, after everything else, line by line; on v2 alone" {
	requires "no huge pages of 2MB" test -e /sys/kernel/mm/hugepages/hugepages-2048kB
	check() {
		local resources='{ "hugepageLimits": [{ "pageSize": "2MB", "limit": 2097152 }], "unified": {
			"hugetlb.2MB.max": "2097152\n6291456\n", "cgroup.max.depth": "3", "cgroup.max.descendants": "" } }'
		if [[ $VIEW != v2 ]]; then
			expect_refused "${resources/\"hugepageLimits\": \[*\], /}" \
				"unified: this host has the controllers of cgroup v1"
		else
			inside hugetlb || skip "no hugetlb"
			expect_inside "$resources" \
				"cat hugetlb.2MB.max hugetlb.2MB.rsvd.max cgroup.max.depth cgroup.max.descendants" \
				6291456$'\n'2097152$'\n'3$'\n'max
		fi
	}
	in_each_view check
}

@test "unified: a controller that is not there and a file that is none are named" {
	check() {
		[[ $VIEW == v2 ]] || return 0
		expect_refused '{ "unified": { "nothing.max": "1" } }' \
			'unified["nothing.max"]: the nothing controller is not available in '"'/sys/fs/cgroup'"
		expect_refused '{ "unified": { "cgroup.nothing": "1" } }' \
			'unified["cgroup.nothing"]: cannot write '"'1' to "
		expect_text "(this kernel has no such setting)"
		expect_refused '{ "unified": { "cgroup.max.depth": "deep" } }' \
			'unified["cgroup.max.depth"]: cannot write '"'deep' to "
		expect_refused '{ "unified": { "../cgroup.max.depth": "1" } }' \
			'unified["../cgroup.max.depth"]: not a file name'
	}
	in_each_view check
}

@test "what changes nothing is accepted, and that is said" {
	check() {
		make_bundle '.linux.resources = { memory: { kernel: 1048576, kernelTCP: 1048576, useHierarchy: false },
			blockIO: { leafWeight: 10 } }'
		run run_script 'echo ran'
		expect_status 0
		expect_text "linux.resources.memory.kernel is ignored: " ran \
			"linux.resources.memory.kernelTCP is ignored: " \
			"linux.resources.memory.useHierarchy is ignored: " \
			"linux.resources.blockIO.leafWeight is ignored: "
		make_bundle '.linux.resources = { memory: { kernel: -1, kernelTCP: 0, useHierarchy: true },
			blockIO: { weight: 0, leafWeight: 0, weightDevice: [] }, network: { classID: 0, priorities: [] },
			hugepageLimits: [], rdma: {}, unified: {} }'
		run run_script 'echo ran'
		expect_status 0
		expect_output ran
	}
	in_each_view check
}
