#!/usr/bin/env bats
# Numbers and lengths at the ends of what they may be: none is another one, and none is root.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle

# Refused in one line with the place, when this stands for the number in the bundle.
refused() { # NUMBER PLACE
	sed -i "s/987654321/$1/" "$BUNDLE/config.json"
	run minirun run --bundle "$BUNDLE" "$ID"
	[[ $status -eq 1 ]] || fail "$1 was taken" "$output"
	expect_one_line
	expect_text "$2"
	cp "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# The bundle, where 987654321 is to be replaced.
with_number() { # FILTER
	edit_config "$1"
	cp "$BUNDLE/config.json" "$BUNDLE/config.json.new"
}

# CVE-2026-30892, and a number that is a name is root (containerd's CVE-2026-46680). Fails when
# exec_parse_user() reads a number as strtoull(3) does, or does not look at the group.
@test "exec --user takes what is a uid, and a gid, and nothing else" {
	local user
	make_plain_bundle
	start_idle
	for user in 0:0 1:0 1:2 65534:65533 2147483648:2147483648 4294967294:4294967294; do
		run minirun exec --user "$user" "$ID" sh -c 'echo $(id -u):$(id -g)'
		expect_output "$user"
	done
	run minirun exec --user 1 "$ID" id -u
	expect_output 1
	for user in "" -1 +1 " 1" "1 " 1x x1 abc root 0x1 1.0 1e1 4294967295 4294967296 4294967297 \
		18446744073709551616 18446744073709551617 1: :1 : 1:abc 1:-1 1:2:3 1:4294967295 1:4294967296 \
		0000000000000000000000000000000000000001x 1,2; do
		run minirun exec --user "$user" "$ID" echo it ran
		[[ $status -ne 0 ]] || fail "--user '$user'"
		expect_no_text "it ran"
		expect_one_line
	done
	stop_idle
}

# The same, where the configuration says it. Fails when the rows of config_process.c have no ID_RANGE and
# check_id() of credentials.c lets everything pass.
@test "user and groups of the configuration are what is a uid and a gid, and nothing else" {
	local member number
	make_plain_bundle '.process.args = ["true"]'
	for member in uid gid 'additionalGids[0]'; do
		with_number ".process.user.$member = 987654321"
		for number in -1 4294967295 4294967296 4294967297 18446744073709551616 18446744073709551617 \
			-4294967296 1.5 1e1 '"1"' '"root"' true '{}'; do
			refused "$number" "process.user.$member: "
		done
		edit_config '.process.user = { uid: 0, gid: 0 }'
	done
}

# CVE-2021-43784: a length that does not fit in its field, and what follows is read as something else.
# Fails when check_ranges() lets more pass: the kernel's words are not those.
@test "more ranges of ids than the kernel takes are refused" {
	local count
	make_plain_bundle '.linux.namespaces += [{ type: "user" }] | .process.args = ["true"]'
	for count in 341 5042 65537; do
		edit_config '.linux.uidMappings = [range($count) | { containerID: ., hostID: (100000 + .), size: 1 }] |
			.linux.gidMappings = .linux.uidMappings' --argjson count "$count"
		run minirun run --bundle "$BUNDLE" "$ID"
		expect_status 1
		expect_text "linux.uidMappings: more than the 340 ranges that the kernel takes"
	done
}

# The same: 2^64 and more is not something small. Fails when the ids of config.c are free, as the kernel
# takes the lower 32 bits of them.
@test "ids of a range do not come round to others" {
	local member
	make_plain_bundle '.linux.namespaces += [{ type: "user" }] | .process.args = ["true"] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	with_number '.linux.uidMappings = [{ containerID: 987654321, hostID: 987654321, size: 987654322 }]'
	sed -i 's/987654322/8589934597/' "$BUNDLE/config.json" "$BUNDLE/config.json.new"
	refused 18446744065119617024 "linux.uidMappings[0].containerID: "
	for member in containerID hostID; do
		with_number '.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
			.linux.uidMappings[0].'"$member"' = 987654321'
		for number in -1 4294967295 4294967296 18446744073709551615 18446744073709551616; do
			refused "$number" "linux.uidMappings[0]"
		done
	done
}

# The same. Nothing here counts lengths in less than size_t, so there is nothing to take out.
@test "a path of more than 64 KiB to a namespace is refused, and is no shorter one" {
	local length
	make_plain_bundle '.process.args = ["true"]'
	for length in 4096 65536 65552 1048576; do
		edit_config '(.linux.namespaces[] | select(.type == "network")).path =
			"/proc/self/ns/net" + "/" * ($length - 17) + "proc/self/ns/net"' --argjson length "$length"
		run minirun run --bundle "$BUNDLE" "$ID"
		expect_status 1
		expect_one_line
		expect_text "ile name too long"
	done
}

# What does not end, as containerd's CVE-2026-47262. Fails when json.c does not count levels, or values.
@test "a configuration of too many levels, or values, is refused" {
	mkdir -p "$BUNDLE"
	printf '{"annotations":%s' "$(printf '[%.0s' {1..20000})" >"$BUNDLE/config.json"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "nested deeper than 64 levels"
	{ printf '{"x":[0' && yes ',0' | head -n 1100000 | tr -d '\n' && echo ']}'; } >"$BUNDLE/config.json"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "more than a million values"
}

# containerd's CVE-2026-53492: annotations that others understand give nothing here. There is nothing to
# take out.
@test "annotations of other programs change nothing" {
	make_plain_bundle '.annotations = { "cdi.k8s.io/vendor": "vendor.com/device=all", "run.oci.handler": "krun",
		"org.criu.config": "/etc/passwd", "org.systemd.property.DevicePolicy": "\u0027auto\u0027",
		"run.oci.mount_context_type": "context", "io.kubernetes.cri-o.Devices": "/dev/mem" }'
	run run_script 'ls /dev; id -u'
	expect_status 0
	expect_no_text mem
}
