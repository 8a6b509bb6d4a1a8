#!/usr/bin/env bats
# User namespaces: ids of the container and of the host, of its root, mounts and devices.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# Ids 0 to 65535 are those from 100000 on.
with_user='.linux.namespaces += [{ type: "user" }] |
	.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
	.linux.gidMappings = .linux.uidMappings'

all_capabilities='.process.capabilities |= with_entries(.value += ["CAP_CHOWN", "CAP_DAC_OVERRIDE",
	"CAP_SETUID", "CAP_SETGID", "CAP_FOWNER", "CAP_SYS_ADMIN"])'

@test "a new user namespace has the ids of the configuration" {
	make_plain_bundle "$with_user"
	run run_script 'id -u; cat /proc/self/uid_map /proc/self/gid_map; readlink /proc/self/ns/user'
	expect_status 0
	expect_match '^0'
	expect_match '0 +100000 +65536'
	expect_no_text "$(readlink /proc/self/ns/user)"
}

@test "the other namespaces belong to the user namespace" {
	make_plain_bundle "$with_user | $all_capabilities"
	run run_script 'hostname other && hostname && mount -t tmpfs tmpfs /tmp && echo mounted'
	expect_status 0
	expect_output $'other\nmounted'
}

@test "the process is another user on the host" {
	make_bundle "$with_user | .process.user = { uid: 7, gid: 8, additionalGids: [9] }"
	start_idle
	run cat "/proc/$(minirun state "$ID" | jq .pid)/status"
	expect_match 'Uid:.100007'
	expect_match 'Gid:.100008'
	expect_match 'Groups:.100009'
	minirun delete --force "$ID"
}

@test "devices are the host's, bound" {
	make_plain_bundle "$with_user"
	run run_script 'for d in null zero full random urandom tty; do stat -c "%F %t:%T %n" /dev/$d; done
		echo x >/dev/null && head -c 3 /dev/zero | wc -c'
	expect_status 0
	expect_text "character special file 1:3 /dev/null" "character special file 5:0 /dev/tty" "3"
}

@test "a device of the configuration is bound" {
	make_plain_bundle "$with_user | .linux.devices = [{ type: \"c\", path: \"/dev/kmsg\", major: 1, minor: 11 }]"
	run run_script 'stat -c "%F %t:%T" /dev/kmsg'
	expect_status 0
	expect_output "character special file 1:b"
}

@test "a device that the host has otherwise is refused" {
	make_plain_bundle "$with_user | .linux.devices = [{ type: \"c\", path: \"/dev/null\", major: 1, minor: 5 }]"
	run run_script true
	expect_status 1
	expect_text "linux.devices[0]" "the host's '/dev/null' is not device 1:5"
}

@test "exec joins the user namespace as its root" {
	make_bundle "$with_user"
	start_idle
	run minirun exec "$ID" sh -c 'id -u; cat /proc/self/uid_map; hostname'
	expect_status 0
	expect_match '100000'
	run minirun exec --user 5:6 "$ID" sh -c 'id -u; id -g'
	expect_output $'5\n6'
	minirun delete --force "$ID"
}

@test "another container joins it by its path" {
	make_bundle "$with_user"
	start_idle
	pid=$(minirun state "$ID" | jq .pid)
	edit_config '.linux.namespaces |= map(if .type == "user" then .path = $path else . end)' \
		--arg path "/proc/$pid/ns/user"
	edit_config '.process.args = ["readlink", "/proc/self/ns/user"]'
	run minirun run --bundle "$BUNDLE" "$ID-b"
	expect_status 0
	expect_output "$(readlink "/proc/$pid/ns/user")"
	minirun delete --force "$ID"
}

@test "limits and the oom score are set from outside" {
	make_plain_bundle "$with_user | .process.oomScoreAdj = 123 |
		.process.rlimits = [{ type: \"RLIMIT_NOFILE\", soft: 100, hard: 200 }]"
	run run_script 'cat /proc/self/oom_score_adj; ulimit -n; ulimit -Hn'
	expect_status 0
	expect_output $'123\n100\n200'
}

@test "an overlay root shows the image's ids, and the upper has the host's" {
	make_bundle "$with_user | $all_capabilities"
	run run_script 'stat -c %u:%g / /bin/busybox /proc; touch /new; chown 5:6 /new; stat -c %u:%g /new'
	expect_status 0
	expect_text "0:0" "5:6"
	edit_config '.process.args = ["sh", "-c", "touch /new && chown 5:6 /new"]'
	minirun run --keep --bundle "$BUNDLE" "$ID-b"
	run stat -c %u:%g "$DATA/containers/$ID"-b*/upper/new
	expect_output "100005:100006"
	minirun delete "$ID-b"
}

@test "mount points that the image lacks are the container root's" {
	make_bundle "$with_user"
	mkdir "$BATS_TEST_TMPDIR/source"
	edit_config '.mounts += [{ destination: "/deep/er/data", source: $source, options: ["rbind"] }]' \
		--arg source "$BATS_TEST_TMPDIR/source"
	run run_script 'stat -c %u:%g /deep /deep/er /dev /proc | sort -u'
	expect_status 0
	expect_text "0:0"
}

@test "a source that only the host's root can reach is mounted" {
	make_bundle "$with_user"
	mkdir -p "$BATS_TEST_TMPDIR/closed/source"
	echo inside >"$BATS_TEST_TMPDIR/closed/source/file"
	chmod 700 "$BATS_TEST_TMPDIR/closed"
	edit_config '.mounts += [{ destination: "/data", source: $source, options: ["rbind", "ro"] }]' \
		--arg source "$BATS_TEST_TMPDIR/closed/source"
	run run_script 'cat /data/file; touch /data/new'
	expect_text "inside" "Read-only file system"
}

@test "idmap gives a volume the container's ids" {
	make_bundle "$with_user"
	mkdir "$BATS_TEST_TMPDIR/source"
	touch "$BATS_TEST_TMPDIR/source/file"
	chown 3:4 "$BATS_TEST_TMPDIR/source/file"
	edit_config '.mounts += [{ destination: "/data", source: $source, options: ["rbind", "idmap"] }]' \
		--arg source "$BATS_TEST_TMPDIR/source"
	run run_script 'stat -c %u:%g /data/file; touch /data/new && stat -c %u:%g /data/new'
	expect_status 0
	expect_output $'3:4\n0:0'
	run stat -c %u:%g "$BATS_TEST_TMPDIR/source/new"
	expect_output "0:0"
}

@test "a mount's own maps go before the container's, with and without user namespace" {
	make_bundle
	mkdir "$BATS_TEST_TMPDIR/source"
	touch "$BATS_TEST_TMPDIR/source/file"
	chown 3:4 "$BATS_TEST_TMPDIR/source/file"
	edit_config '.mounts += [{ destination: "/data", source: $source, options: ["rbind"],
		uidMappings: [{ containerID: 3, hostID: 77, size: 1 }],
		gidMappings: [{ containerID: 4, hostID: 78, size: 1 }] }]' \
		--arg source "$BATS_TEST_TMPDIR/source"
	run run_script 'stat -c %u:%g /data/file'
	expect_status 0
	expect_output "77:78"
	edit_config "$with_user | .mounts[-1].uidMappings[0].hostID = 100077"
	run run_script 'stat -c %u:%g /data/file'
	expect_status 0
	expect_output "77:65534"
}

@test "ridmap maps what is mounted below as well, idmap does not" {
	make_bundle
	mkdir -p "$BATS_TEST_TMPDIR/source/below"
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/source/below"
	touch "$BATS_TEST_TMPDIR/source/below/file"
	edit_config '.mounts += [{ destination: "/data", source: $source, options: ["rbind", "ridmap"],
		uidMappings: [{ containerID: 0, hostID: 77, size: 1 }],
		gidMappings: [{ containerID: 0, hostID: 78, size: 1 }] }]' \
		--arg source "$BATS_TEST_TMPDIR/source"
	run run_script 'stat -c %u:%g /data /data/below/file'
	expect_output $'77:78\n77:78'
	edit_config '.mounts[-1].options = ["rbind", "idmap"]'
	run run_script 'stat -c %u:%g /data /data/below/file'
	expect_output $'77:78\n0:0'
	umount "$BATS_TEST_TMPDIR/source/below"
}

@test "idmap with ids in the option, relative to the container's by '@'" {
	make_bundle "$with_user"
	mkdir "$BATS_TEST_TMPDIR/source"
	edit_config '.mounts += [{ destination: "/data", source: $source,
		options: ["rbind", "idmap=uids=0-@7-1;gids=0-100008-1"] }]' \
		--arg source "$BATS_TEST_TMPDIR/source"
	run run_script true
	expect_status 1
	expect_text "a range is CONTAINER-HOST-SIZE"
	edit_config '.mounts[-1].options[1] = "idmap=uids=@0-7-1;gids=0-100008-1"'
	run run_script 'stat -c %u:%g /data'
	expect_status 0
	expect_output "7:8"
}

@test "a relative source is mapped too" {
	make_bundle "$with_user | .mounts += [{ destination: \"/data\", source: \"volume\", options: [\"bind\", \"idmap\"] }]"
	mkdir "$BUNDLE/volume"
	run run_script 'stat -c %u:%g /data'
	expect_status 0
	expect_output "0:0"
}

@test "a file system that cannot map ids is named" {
	make_bundle "$with_user | .mounts += [{ destination: \"/data\", source: \"/proc\", options: [\"bind\", \"idmap\"] }]"
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "mounts[" "cannot map the ids"
}

@test "the container's user owns its v2 cgroup where that is mounted writable" {
	local top=/sys/fs/cgroup
	[[ -e $top/cgroup.controllers ]] || top=$top/unified
	requires "there is no v2 hierarchy" test -e "$top/cgroup.procs"
	make_bundle "$with_user | .process.user = { uid: 7, gid: 7 } |
		.linux.namespaces |= map(select(.type != \"cgroup\")) + [{ type: \"cgroup\" }]"
	start_idle
	expect_equal "$(stat -c %u "$top/$ID" "$top/$ID/cgroup.procs")" $'0\n0'
	minirun delete --force "$ID"
	edit_config '(.mounts[] | select(.type == "cgroup")).options |= map(if . == "ro" then "rw" else . end)'
	start_idle
	expect_equal "$(stat -c %u "$top/$ID" "$top/$ID/cgroup.procs" "$top/$ID/cgroup.max.depth")" \
		$'100007\n100007\n0'
	minirun delete --force "$ID"
}

@test "exec has a session keyring of its own" {
	requires "this kernel has no keyrings" test -e /proc/keys
	make_bundle "$with_user | .linux.maskedPaths = []"
	start_idle
	run minirun exec "$ID" grep -c "_ses.$ID" /proc/keys
	expect_status 0
	expect_output 2
}
