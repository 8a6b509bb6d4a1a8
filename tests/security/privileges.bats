#!/usr/bin/env bats
# What a container, and who is executed in one, may do: no more than the configuration says.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2030,SC2031 # a test is a subshell

load ../lib/bundle

sets='grep ^Cap /proc/self/status | tr -d "\t"'

# CVE-2022-24769, CVE-2022-29162, CVE-2022-27650: a file's inheritable capabilities would be had by
# anybody. Fails when the table of spec.c has inheritable as well.
@test "spec gives no inheritable capabilities, and no ambient ones" {
	mkdir "$BUNDLE"
	minirun spec --bundle "$BUNDLE"
	run jq -c '.process.capabilities | keys' "$BUNDLE/config.json"
	expect_output '["bounding","effective","permitted"]'
}

# CVE-2022-29162. Fails when change_capabilities() appends to inheritable as well.
@test "exec --cap gives no inheritable capabilities" {
	make_plain_bundle
	start_idle
	run minirun exec --cap CAP_NET_RAW "$ID" sh -c "$sets"
	expect_status 0
	expect_text CapInh:0000000000000000 CapBnd:0000000020002420
	run minirun exec --cap CAP_NET_RAW --user 1000 "$ID" sh -c "$sets"
	expect_status 0
	expect_text CapInh:0000000000000000 CapPrm:0000000000000000 CapAmb:0000000000000000
	stop_idle
}

# CVE-2025-27612. Fails when inheritable_of() gives the bounding set.
@test "exec has the sets of the configuration, each of the five" {
	local user
	for user in 0 1000; do
		ID=$RUN-$user
		make_plain_bundle '.process.user.uid = $user | .process.capabilities = { bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
			permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"],
			ambient: ["CAP_KILL"] }' --argjson user "$user"
		start_idle
		run minirun exec "$ID" sh -c "$sets"
		expect_status 0
		expect_text CapInh:0000000000000020 CapBnd:0000000000002021
		if [[ $user -eq 0 ]]; then
			expect_text CapPrm:0000000000000021 CapEff:0000000000000021 CapAmb:0000000000000020
		else
			expect_text CapPrm:0000000000000020 CapEff:0000000000000020 CapAmb:0000000000000020
		fi
		stop_idle
		minirun delete --force "$ID"
		rm -rf "$BUNDLE"
	done
}

# CVE-2023-25809. Fails when apply_cgroup() leaves cgroups that are not the container's writable.
@test "cgroups that are not the container's cannot be written, whatever the mount's options" {
	local namespaces
	for namespaces in '.' '. + [{ type: "cgroup" }]'; do
		make_plain_bundle '(.mounts[] | select(.destination == "/sys/fs/cgroup")).options = ["rw"] |
			.process.capabilities |= with_entries(.value += ["CAP_DAC_OVERRIDE"]) |
			.linux.namespaces |= (map(select(.type != "cgroup")) |'"$namespaces"') |
			.process.args = ["sh", "-c", "cat /sys/fs/cgroup/cgroup.procs >/dev/null && mkdir /sys/fs/cgroup/mine && rmdir /sys/fs/cgroup/mine"]'
		run "$srcdir/tests/lib/view" v2 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
			--cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
		expect_status 1
		expect_output "mkdir: can't create directory '/sys/fs/cgroup/mine': Read-only file system"
		rm -rf "$BUNDLE"
	done
}
