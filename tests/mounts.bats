#!/usr/bin/env bats
# config.mounts, seen from inside the container.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# Adds mounts, given as a JSON array, to the bundle.
add_mounts() { # ARRAY
	edit_config '.mounts += $mounts' --argjson mounts "$1"
}

# A script's words for the options of the mount on a path.
options_of='options() { awk -v path="$1" "\$5 == path { print \$6 }" /proc/self/mountinfo; };'

# What is written inside comes out here, and the other way round.
share() {
	mkdir -p "$BATS_TEST_TMPDIR/share"
	echo "$BATS_TEST_TMPDIR/share"
}

@test "what spec writes is mounted, with its options" {
	make_bundle
	run run_script 'cut -d" " -f5,6 /proc/self/mountinfo; awk "{ print \$5, \$(NF-2) }" /proc/self/mountinfo'
	expect_status 0
	expect_match '/proc rw,relatime'
	expect_match '/dev rw,nosuid('$'\n''|$)'
	expect_match '/dev/pts rw,nosuid,noexec,relatime'
	expect_match '/dev/shm rw,nosuid,nodev,noexec,relatime'
	expect_match '/dev/mqueue rw,nosuid,nodev,noexec,relatime'
	expect_match '/sys ro,nosuid,nodev,noexec,relatime'
	expect_match '/sys/fs/cgroup ro,nosuid,nodev,noexec,relatime'
	expect_text "/proc proc" "/dev tmpfs" "/dev/pts devpts" "/dev/mqueue mqueue" "/sys sysfs"
}

@test "nothing of the host's mounts is left in the namespace" {
	make_bundle
	run run_script 'cut -d" " -f5 /proc/self/mountinfo | grep -vE "^/(proc|dev|sys)(/|$)"'
	expect_status 0
	expect_output /
}

@test "nothing appears on the host while a container runs" {
	local before
	make_bundle
	add_mounts "[{\"destination\":\"/d\",\"type\":\"bind\",\"source\":\"$(share)\",\"options\":[\"rbind\"]}]"
	before=$(cut -d' ' -f4- /proc/self/mountinfo)
	start_idle
	expect_equal "$(cut -d' ' -f4- /proc/self/mountinfo)" "$before"
	minirun delete --force "$ID"
}

@test "a bind mount shows the same files" {
	local share
	share=$(share)
	make_bundle
	echo outside >"$share/out"
	add_mounts "[{\"destination\":\"/new/d\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"rbind\"]}]"
	run run_script 'cat /new/d/out; echo inside >/new/d/in'
	expect_status 0
	expect_output outside
	expect_file "$share/in" inside
}

@test "a relative source is below the bundle, a relative destination below the root" {
	make_bundle
	mkdir "$BUNDLE/here"
	echo yes >"$BUNDLE/here/file"
	add_mounts '[{"destination":"there","type":"none","source":"here","options":["bind","ro"]}]'
	run run_script 'cat /there/file; echo x >/there/file'
	expect_status 1
	expect_text yes "Read-only file system"
	expect_file "$BUNDLE/here/file" yes
}

@test "a file is bound over a file, made where it is missing" {
	make_bundle
	echo hosts >"$BUNDLE/hosts"
	add_mounts '[{"destination":"/etc/motd","type":"bind","source":"hosts","options":["bind","ro"]},
		{"destination":"/etc/deep/er","type":"bind","source":"hosts","options":["bind"]}]'
	run run_script 'cat /etc/motd /etc/deep/er'
	expect_status 0
	expect_output hosts$'\n'hosts
}

@test "ro is of the mount, rro of all below it" {
	local share
	share=$(share)
	mkdir -p "$share/below"
	mount -t tmpfs tmpfs "$share/below"
	make_bundle
	add_mounts "[{\"destination\":\"/one\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"rbind\",\"ro\"]},
		{\"destination\":\"/all\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"rbind\",\"rro\",\"rnosuid\"]},
		{\"destination\":\"/flat\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"bind\"]}]"
	run run_script "$options_of"'
		for path in /one /one/below /all /all/below; do echo "$path $(options $path)"; done
		echo "flat: $(options /flat/below)"'
	umount "$share/below"
	expect_status 0
	expect_match '/one ro,relatime'
	expect_match '/one/below rw,relatime'
	expect_match '/all ro,nosuid,relatime'
	expect_match '/all/below ro,nosuid,relatime'
	expect_match 'flat: $'
}

@test "a volume of the command line has what is mounted below it; ro is of all of that" {
	local share
	share=$(share)
	make_bundle
	mkdir -p "$share/below"
	mount -t tmpfs tmpfs "$share/below"
	run minirun run --bundle "$BUNDLE" -v "$share:/rw:rw" -v "$share:/ro:ro" "$ID" \
		sh -c 'echo new >/rw/below/file; cat /ro/below/file; echo >/ro/below/file'
	umount "$share/below"
	expect_status 1
	expect_text new "can't create /ro/below/file: Read-only file system"
}

@test "each attribute arrives" {
	local word
	make_bundle
	for word in nosuid nodev noexec nodiratime noatime nosymfollow ro; do
		add_mounts "[{\"destination\":\"/m/$word\",\"type\":\"tmpfs\",\"source\":\"t\",\"options\":[\"$word\"]}]"
	done
	add_mounts '[{"destination":"/m/strictatime","type":"tmpfs","source":"t","options":["noatime","strictatime"]}]'
	run run_script "$options_of"'for path in /m/*; do echo "$path $(options $path)"; done'
	expect_status 0
	for word in nosuid nodev noexec nodiratime noatime nosymfollow; do
		expect_match "/m/$word [a-z,]*$word"
	done
	expect_match '/m/ro ro,'
	expect_match '/m/strictatime rw('$'\n''|$)'
}

@test "an attribute that the source has can be taken away" {
	local share
	share=$(share)
	mount -t tmpfs -o nosuid,noexec tmpfs "$share"
	make_bundle
	add_mounts "[{\"destination\":\"/kept\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"bind\"]},
		{\"destination\":\"/gone\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"bind\",\"exec\",\"suid\"]}]"
	run run_script "$options_of"'for path in /kept /gone; do echo "$path $(options $path)"; done'
	umount "$share"
	expect_status 0
	expect_match '/kept rw,nosuid,noexec,relatime'
	expect_match '/gone rw,relatime'
}

@test "a mount is private unless its options say otherwise" {
	local share
	share=$(share)
	mount -t tmpfs tmpfs "$share"
	mount --make-shared "$share"
	make_bundle
	for word in none rslave rshared runbindable; do
		add_mounts "[{\"destination\":\"/$word\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"rbind\",\"$word\"]}]"
	done
	edit_config '(.mounts[] | select(.destination == "/none")).options = ["rbind"]'
	run run_script 'awk "{ print \$5, \$7, \$8 }" /proc/self/mountinfo'
	umount "$share"
	expect_status 0
	expect_match '/none - tmpfs'
	expect_match '/rslave master:[0-9]+'
	expect_match '/rshared shared:[0-9]+'
	expect_match '/runbindable unbindable'
}

@test "what the host mounts later reaches a slave, and nothing comes back from it" {
	local share
	share=$(share)
	mount -t tmpfs tmpfs "$share"
	mount --make-shared "$share"
	mkdir "$share/later" "$share/back"
	make_bundle
	add_mounts "[{\"destination\":\"/s\",\"type\":\"bind\",\"source\":\"$share\",\"options\":[\"rbind\",\"rslave\"]}]"
	edit_config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"] | unique)'
	start_idle
	mount -t tmpfs tmpfs "$share/later"
	echo seen >"$share/later/file"
	run minirun exec "$ID" cat /s/later/file
	expect_status 0
	expect_output seen
	run minirun exec "$ID" mount -t tmpfs tmpfs /s/back
	expect_status 0
	run mountpoint -q "$share/back"
	minirun delete --force "$ID"
	umount "$share/later"
	umount "$share"
	[[ $status -ne 0 ]]
}

@test "a tmpfs takes over mode and content of what it covers, if asked" {
	make_bundle
	add_mounts '[{"destination":"/etc","type":"tmpfs","source":"t","options":["tmpcopyup"]},
		{"destination":"/tmp","type":"tmpfs","source":"t","options":["size=1m"]},
		{"destination":"/made","type":"tmpfs","source":"t"}]'
	run run_script 'cat /etc/motd; stat -c %a /etc /tmp /made; echo x >/etc/new && ls /etc'
	expect_status 0
	expect_text "from the image" new passwd
	expect_match '755'$'\n''1777'$'\n''1777'
}

@test "a read-only tmpfs takes the mounts that lie in it" {
	make_bundle
	add_mounts '[{"destination":"/srv","type":"tmpfs","source":"t","options":["ro","mode=755"]},
		{"destination":"/srv/in","type":"tmpfs","source":"t"}]'
	run run_script 'touch /srv/in/x && touch /srv/x'
	expect_status 1
	expect_text "/srv/x: Read-only file system"
}

@test "an empty option word is skipped, a remount changes what is there" {
	make_bundle
	add_mounts '[{"destination":"/t","type":"tmpfs","source":"t","options":["","size=1m"]},
		{"destination":"/t","type":"tmpfs","source":"t","options":["remount","ro","nodev"]}]'
	run run_script "$options_of"'options /t'
	expect_status 0
	expect_match '^ro,nodev,relatime$'
}

@test "an overlay by its options" {
	local share
	share=$(share)
	mkdir -p "$share"/{a,b,u,w}
	echo a >"$share/a/f"
	echo b >"$share/b/g"
	make_bundle
	add_mounts "[{\"destination\":\"/o\",\"type\":\"overlay\",\"source\":\"overlay\",
		\"options\":[\"lowerdir=$share/a:$share/b\",\"upperdir=$share/u\",\"workdir=$share/w\"]}]"
	run run_script 'cat /o/f /o/g; echo new >/o/h'
	expect_status 0
	expect_output a$'\n'b
	expect_file "$share/u/h" new
}

@test "a lowerdir longer than one option can be" {
	local share list='' i
	requires "overlay layers by descriptor need Linux 6.13" \
		test "$(printf '6.13\n%s\n' "$(uname -r)" | sort -V | head -n1)" = 6.13
	share=$(share)
	for i in {1..40}; do
		mkdir -p "$share/layer-$i"
		echo "$i" >"$share/layer-$i/$i"
		list+=:$share/layer-$i
	done
	make_bundle
	add_mounts "[{\"destination\":\"/o\",\"type\":\"overlay\",\"source\":\"overlay\",\"options\":[\"lowerdir=${list:1}\"]}]"
	run run_script 'ls /o | wc -l'
	expect_status 0
	expect_output 40
}

@test "a source that is missing is named with its place, and nothing is made" {
	make_bundle
	add_mounts '[{"destination":"/d","type":"bind","source":"/nowhere/at/all","options":["rbind"]}]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_match "config.json:[0-9]+:[0-9]+: mounts\[[0-9]+\].source: cannot find '/nowhere/at/all'"
}

@test "the kernel's own words are in the message" {
	make_bundle
	add_mounts '[{"destination":"/t","type":"tmpfs","source":"t","options":["size=many"]}]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "cannot mount 'tmpfs' on '/t'" "size" "Bad value for 'size'"
}

@test "a bind mount goes without the size and the mode that callers give every mount" {
	make_bundle
	add_mounts '[{"destination":"/t","source":"/etc","options":["nosuid","mode=755","size=1k","rbind","ro"]}]'
	run run_script 'test -e /t/passwd && grep " /t " /proc/self/mountinfo'
	expect_status 0
	expect_text "ro,nosuid"
}

@test "options that cannot be are refused by name" {
	make_bundle
	add_mounts '[{"destination":"/t","type":"bind","source":"/etc","options":["rbind","uid=5"]}]'
	run run_script true
	expect_status 1
	expect_match "mounts\[[0-9]+\].options\[1\]: option 'uid=5' has no meaning for a bind mount"
	edit_config '.mounts[-1].options = ["rbind", "idmap"]'
	run run_script true
	expect_status 1
	expect_text "option 'idmap' without ids"
	edit_config '.mounts[-1] = { destination: "/t", type: "nosuchfs" }'
	run run_script true
	expect_status 1
	expect_text "unknown file system type 'nosuchfs'"
}
