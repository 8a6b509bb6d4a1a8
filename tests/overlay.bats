#!/usr/bin/env bats
# root.overlay: layers, upper and work, seen from inside and in what they leave.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

: "${pkglibexecdir:?run the tests by tests/run}"

# Two layers over the image in $LAYERS, the bundle's root made of the three.
make_layered_bundle() {
	LAYERS=$BATS_TEST_TMPDIR/layers
	mkdir -p "$LAYERS"/{app,middle}/etc "$LAYERS/app/opt"
	echo app >"$LAYERS/app/etc/layer"
	echo middle >"$LAYERS/middle/etc/layer"
	echo middle >"$LAYERS/middle/etc/middle"
	make_bundle '.root.overlay.lower = [$layers + "/app", $layers + "/middle", $image]' \
		--arg layers "$LAYERS" --arg image "$IMAGE"
}

# The user's own upper and work, in $UPPER and $WORK.
give_upper() {
	UPPER=$BATS_TEST_TMPDIR/upper WORK=$BATS_TEST_TMPDIR/work
	mkdir -p "$UPPER" "$WORK"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$UPPER" --arg work "$WORK"
}

@test "the first layer is on top" {
	make_layered_bundle
	run run_script 'cat /etc/layer /etc/middle /etc/motd'
	expect_status 0
	expect_output app$'\n'middle$'\n'"from the image"
}

@test "what a container changes is its own, and gone with it" {
	make_layered_bundle
	run run_script 'echo new >/etc/layer; rm /etc/middle; mkdir /opt/made; cat /etc/layer; ls /etc/middle'
	expect_status 1
	expect_text new "/etc/middle: No such file"
	expect_file "$LAYERS/app/etc/layer" app
	run run_script 'cat /etc/layer /etc/middle; ls /opt'
	expect_status 0
	expect_output app$'\n'middle
}

@test "a given upper keeps what was changed, and only that" {
	make_layered_bundle
	give_upper
	edit_config '.mounts += [{ destination: "/no/such/dir", type: "tmpfs", source: "t" },
		{ destination: "/var/run/there", type: "tmpfs", source: "t" }] | .process.cwd = "/cwd/here"'
	run run_script 'pwd; echo new >/etc/layer; rm /etc/middle; touch /no/such/dir/x /run/there/y'
	expect_status 0
	expect_output /cwd/here
	expect_equal "$(cd "$UPPER" && find . | sort)" ".
./etc
./etc/layer
./etc/middle"
	expect_file "$UPPER/etc/layer" new
	expect_equal "$(stat -c '%F %t:%T' "$UPPER/etc/middle")" "character special file 0:0"
	run run_script 'cat /etc/layer; ls /etc/middle'
	expect_status 1
	expect_text new "/etc/middle: No such file"
}

@test "mount points are made where the image's links lead" {
	make_layered_bundle
	edit_config '.mounts += [{ destination: "/var/run/new", type: "tmpfs", source: "t" }]'
	run run_script 'readlink /var/run; awk "\$5 ~ /new/ { print \$5 }" /proc/self/mountinfo; ls -ld /run/new'
	expect_status 0
	expect_match '^/run'$'\n''/run/new'$'\n''drwxrwxrwt'
}

@test "a directory that gets a mount point looks as before" {
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/image"
	mkdir "$BATS_TEST_TMPDIR/image/data"
	chown 7:8 "$BATS_TEST_TMPDIR/image/data"
	chmod 3751 "$BATS_TEST_TMPDIR/image/data"
	touch -d @1000 "$BATS_TEST_TMPDIR/image/data"
	make_bundle '.root.overlay.lower = [$image] | .mounts += [{ destination: "/data/new", type: "tmpfs", source: "t" }]' \
		--arg image "$BATS_TEST_TMPDIR/image"
	run run_script 'stat -c "%u:%g %a %Y" /data'
	expect_status 0
	expect_output "7:8 3751 1000"
}

@test "the root looks like that of the topmost layer" {
	make_layered_bundle
	chown 7:8 "$LAYERS/app"
	chmod 751 "$LAYERS/app"
	run run_script 'stat -c "%u:%g %a" /'
	expect_status 0
	expect_output "7:8 751"
}

@test "no directory is made where nothing is missing, and one assembly is enough" {
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/image"
	mkdir -p "$BATS_TEST_TMPDIR"/image/{proc,dev,sys}
	make_bundle '.root.overlay.lower = [$image]' --arg image "$BATS_TEST_TMPDIR/image"
	edit_config '.process.args = ["true"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null
	expect_equal "$(ls "$DATA/containers/"*)" $'container\nupper\nwork'
	minirun delete --force "$ID"
	requires "strace is missing" command -v strace
	requires "before Linux 6.13 the older ways are tried as well" \
		test "$(printf '6.13\n%s\n' "$(uname -r)" | sort -V | head -n1)" = 6.13
	strace -f -e trace=fsopen -o "$BATS_TEST_TMPDIR/trace" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		run --bundle "$BUNDLE" "$ID"
	expect_equal "$(grep -c 'fsopen("overlay"' "$BATS_TEST_TMPDIR/trace")" 1
}

@test "a renamed directory is copied whole: an upper is complete by itself" {
	make_layered_bundle
	give_upper
	run run_script 'mv /etc /moved; chmod 600 /moved/motd'
	expect_status 0
	expect_file "$UPPER/moved/motd" "from the image"
	expect_file "$UPPER/moved/middle" middle
}

@test "two containers on one upper are refused, the second after the first is gone is not" {
	make_layered_bundle
	give_upper
	start_idle
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	expect_status 1
	expect_one_line
	expect_text "root.overlay.upper: cannot use upper '$UPPER': it is in use by container '$ID'"
	minirun delete --force "$ID"
	run run_script 'echo yes'
	expect_status 0
	expect_output yes
}

# With a root and a data root of its own, as another user of minirun would have.
run_elsewhere() { # UPPER WORK
	edit_config '.root.overlay += { upper: $upper, work: $work } | .process.args = ["true"]' \
		--arg upper "$1" --arg work "$2"
	timeout 30 "$MINIRUN" --root "$BATS_TEST_TMPDIR/root2" --data-root "$BATS_TEST_TMPDIR/data2" \
		run --bundle "$BUNDLE" "$RUN-b"
}

@test "an upper in use is refused under another root and data root too, before anything is made" {
	make_layered_bundle
	give_upper
	start_idle
	mkdir -p "$BATS_TEST_TMPDIR"/free/{upper,work}
	run run_elsewhere "$UPPER" "$BATS_TEST_TMPDIR/free/work"
	expect_status 1
	expect_one_line
	expect_text "root.overlay.upper: cannot use upper '$UPPER': it is in use by container '$ID' (of --root '$ROOT')"
	run run_elsewhere "$BATS_TEST_TMPDIR/free/upper" "$WORK"
	expect_status 1
	expect_one_line
	expect_text "root.overlay.work: cannot use work '$WORK': it is in use by container '$ID'"
	expect_absent "$BATS_TEST_TMPDIR/root2" "$BATS_TEST_TMPDIR/data2"
	minirun delete --force "$ID"
	run run_elsewhere "$UPPER" "$WORK"
	expect_status 0
	expect_equal "$(claims)" ""
}

@test "an upper or work in or around one that is in use is refused" {
	local upper
	make_layered_bundle
	mkdir "$BATS_TEST_TMPDIR/work"
	upper=$BATS_TEST_TMPDIR/around/upper
	mkdir -p "$upper/inside" "$BATS_TEST_TMPDIR/free"
	edit_config '.root.overlay += { upper: $upper, work: $work }' \
		--arg upper "$upper" --arg work "$BATS_TEST_TMPDIR/work"
	start_idle
	run run_elsewhere "$upper/inside" "$BATS_TEST_TMPDIR/free"
	expect_status 1
	expect_one_line
	expect_text "cannot use upper '$upper/inside': it lies inside '$upper', which is in use by container '$ID'"
	run run_elsewhere "$BATS_TEST_TMPDIR/around" "$BATS_TEST_TMPDIR/free"
	expect_status 1
	expect_one_line
	expect_text "cannot use upper '$BATS_TEST_TMPDIR/around': '$upper' lies inside it and is in use by container '$ID'"
	run run_elsewhere "$BATS_TEST_TMPDIR/free" "$upper/inside"
	expect_status 1
	expect_text "cannot use work '$upper/inside': it lies inside '$upper'"
	expect_absent "$BATS_TEST_TMPDIR/root2" "$BATS_TEST_TMPDIR/data2"
	minirun delete --force "$ID"
}

@test "an upper among those of minirun is refused" {
	local own
	make_layered_bundle
	start_idle
	own=$(echo "$DATA"/containers/*/upper)
	mkdir "$BATS_TEST_TMPDIR/free"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$own" \
		--arg work "$BATS_TEST_TMPDIR/free"
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	expect_status 1
	expect_one_line
	expect_text "root.overlay.upper: '$own' and '$DATA/containers', which is minirun's, must not lie inside"
	minirun delete --force "$ID"
}

@test "a container that has ended holds its upper until it is deleted, which is said" {
	make_layered_bundle
	give_upper
	edit_config '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	expect_status 1
	expect_text "in use by container '$ID' (which has ended, but was not deleted)"
	minirun delete "$ID"
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	expect_status 0
}

@test "an upper whose container was lost with its state is free again" {
	make_layered_bundle
	give_upper
	edit_config '.process.args = ["true"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null
	local claim
	claim=$(claims)
	minirun delete --force "$ID"
	expect_absent "$claim"
	ln -s "$ROOT/$ID" "$claim"
	edit_config '.process.args = ["sh", "-c", "echo yes"]'
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	expect_status 0
	expect_output yes
}

@test "delete leaves a given upper and takes the container's own" {
	make_layered_bundle
	start_idle
	expect_equal "$(find "$DATA/containers" -mindepth 1 -maxdepth 1 | wc -l)" 1
	minirun delete --force "$ID"
	expect_equal "$(find "$DATA/containers" -mindepth 1)" ""
}

@test "the same id under two roots does not meet" {
	make_layered_bundle
	start_idle
	mkdir "$BATS_TEST_TMPDIR/other"
	edit_config '.process.args = ["sh", "-c", "echo other"]'
	edit_config '.linux.cgroupsPath = "/" + $id' --arg id "$RUN-other"
	run "$MINIRUN" --root "$BATS_TEST_TMPDIR/other" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output other
	run minirun exec "$ID" cat /etc/layer
	expect_output app
	minirun delete --force "$ID"
}

@test "a volatile upper can be used again" {
	make_layered_bundle
	give_upper
	edit_config '.root.overlay.volatile = true'
	run run_script 'grep -c volatile /proc/self/mountinfo; echo one >/file'
	expect_status 0
	expect_output 1
	run run_script 'cat /file'
	expect_status 0
	expect_output one
}

@test "a volatile upper of before a crash is refused, with the way out" {
	make_layered_bundle
	give_upper
	edit_config '.root.overlay.volatile = true'
	run_script 'echo one >/file'
	touch -d '2001-01-01' "$WORK/work/incompat/volatile"
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "the upper was volatile when the host went down" "rm -r '$WORK/work/incompat/volatile'"
	rm -r "$WORK/work/incompat/volatile"
	run run_script true
	expect_status 0
}

@test "an upper that cannot be one is refused before anything is made" {
	make_layered_bundle
	give_upper
	mount -t ramfs ramfs "$BATS_TEST_TMPDIR/upper"
	mkdir "$UPPER/u" "$UPPER/w"
	edit_config '.root.overlay += { upper: ($upper + "/u"), work: ($upper + "/w") }' --arg upper "$UPPER"
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "is on ramfs, which cannot carry an upper layer" "give an upper on ext4, xfs, btrfs or tmpfs"
	umount "$UPPER"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$UPPER" --arg work "$WORK"
	mount -t tmpfs tmpfs "$UPPER"
	run run_script true
	expect_status 1
	expect_text "are on different mounts"
	umount "$UPPER"
	mount -t tmpfs -o ro tmpfs "$UPPER"
	run run_script true
	expect_status 1
	expect_text "is on a read-only file system"
	umount "$UPPER"
	expect_absent "$ROOT/$ID" "$DATA/containers"
	expect_equal "$(claims)" ""
}

@test "mistakes in the layers are named with their place" {
	make_layered_bundle
	edit_config '.root.overlay.lower[1] = "/nowhere"'
	run run_script true
	expect_status 1
	expect_match "config.json:[0-9]+:[0-9]+: root.overlay.lower\[1\]: cannot find '/nowhere'"
	edit_config '.root.overlay.lower[1] = "/dev/null"'
	run run_script true
	expect_status 1
	expect_text "root.overlay.lower[1]: '/dev/null' is neither a directory nor a tar file"
	edit_config '.root.overlay.lower = []'
	run run_script true
	expect_status 1
	expect_text "root.overlay.lower"
	make_layered_bundle
	give_upper
	edit_config 'del(.root.overlay.work)'
	run run_script true
	expect_status 1
	expect_text "root.overlay.work: missing"
	edit_config '.root.overlay += { upper: $inside, work: $work }' --arg inside "$LAYERS/app/opt" --arg work "$WORK"
	run run_script true
	expect_status 1
	expect_text "lies inside the layer '$LAYERS/app'"
	expect_absent "$ROOT/$ID" "$DATA/containers"
}

@test "five hundred layers" {
	local i
	make_layered_bundle
	for ((i = 0; i < 498; i++)); do
		mkdir -p "$LAYERS/$i/deep"
		echo "$i" >"$LAYERS/$i/deep/$i"
	done
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/image"
	mkdir -p "$BATS_TEST_TMPDIR"/image/{proc,dev,sys}
	edit_config '.root.overlay.lower = [range(499) | $layers + "/" + tostring] + [$image]' \
		--arg layers "$LAYERS" --arg image "$BATS_TEST_TMPDIR/image"
	mkdir -p "$LAYERS/498/deep"
	run run_script 'ls /deep | wc -l; cat /deep/0 /deep/497'
	expect_status 0
	expect_output 498$'\n'0$'\n'497
	edit_config '.root.overlay.lower += ["/etc"]'
	run run_script true
	expect_status 1
	expect_text "root.overlay.lower: more than the 500 layers"
}

@test "managers say it with annotations" {
	make_layered_bundle
	edit_config 'del(.root.overlay) | .annotations = {
		"io.minirun.overlay.lower": ([$layers + "/app", $image] | tojson) }' \
		--arg layers "$LAYERS" --arg image "$IMAGE"
	run run_script 'cat /etc/layer /etc/motd; ls /etc/middle'
	expect_status 1
	expect_text app "from the image" "/etc/middle: No such file"
}

@test "layers on the command line" {
	make_layered_bundle
	edit_config '.process.args = ["cat", "/etc/layer"] | del(.root.overlay)'
	run minirun run --bundle "$BUNDLE" --lower "$LAYERS/middle" --lower "$IMAGE" "$ID"
	expect_status 0
	expect_output middle
}

@test "an upper on the command line is made, and its work directory with it" {
	make_bundle
	run minirun run --bundle "$BUNDLE" --upper "$BATS_TEST_TMPDIR/new/" "$ID" -- touch /made
	expect_status 0
	expect_equal "$(ls "$BATS_TEST_TMPDIR/new")" made
	[[ -d $BATS_TEST_TMPDIR/new.work ]]
	run minirun run --bundle "$BUNDLE" --upper "$BATS_TEST_TMPDIR/no/new" "$ID"
	expect_status 1
	expect_output "minirun: --upper $BATS_TEST_TMPDIR/no/new: cannot create '$BATS_TEST_TMPDIR/no/new': no such file or directory"
}

@test "what was made for --upper is gone when the container is refused" {
	local new=$BATS_TEST_TMPDIR/new
	make_bundle
	run minirun run --bundle "$BUNDLE" --upper "$new" --lower /nowhere "$ID"
	expect_status 1
	expect_absent "$new" "$new.work"
	# As late as it gets: the overlay was mounted.
	run minirun run --bundle "$BUNDLE" --upper "$new" "$ID" -- /no/such/program
	expect_status 1
	expect_absent "$new" "$new.work"
	mkdir "$new"
	run minirun run --bundle "$BUNDLE" --upper "$new" --lower /nowhere "$ID"
	expect_status 1
	[[ -d $new ]]
	expect_absent "$new.work"
}

@test "an --upper where there can be none has a plain message" {
	make_bundle
	run minirun run --bundle "$BUNDLE" --upper /proc/x "$ID"
	expect_status 1
	expect_output "minirun: --upper /proc/x: '/proc/x' is on proc, which cannot carry an upper layer (give an upper on ext4, xfs, btrfs or tmpfs)"
	run minirun run --bundle "$BUNDLE" --upper '' "$ID"
	expect_status 1
	expect_output "minirun: option '--upper': its value is empty (try 'minirun run --help')"
}

# --- tars; they need the image program ---

make_tar_bundle() {
	requires "minirun-image is not built" test -x "$pkglibexecdir/minirun-image"
	make_layered_bundle
	tar --create --file "$BUNDLE/base.tar" --directory "$IMAGE" .
	edit_config '.root.overlay.lower = [$layers + "/app", "base.tar"]' --arg layers "$LAYERS"
}

@test "a tar is a layer, unpacked once and shared" {
	make_tar_bundle
	run run_script 'cat /etc/layer /etc/motd'
	expect_status 0
	expect_output app$'\n'"from the image"
	expect_equal "$(find "$DATA/layers/sha256" -mindepth 1 -maxdepth 1 | wc -l)" 1
	expect_equal "$(find "$DATA/layers/tars" -type l | wc -l)" 1
	requires "strace is missing" command -v strace
	edit_config '.process.args = ["true"]'
	strace -f -e trace=execve -o "$BATS_TEST_TMPDIR/trace" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		run --bundle "$BUNDLE" "$ID"
	run cat "$BATS_TEST_TMPDIR/trace"
	expect_no_text minirun-image
}

@test "a compressed tar too" {
	make_tar_bundle
	gzip "$BUNDLE/base.tar"
	edit_config '.root.overlay.lower[1] = "base.tar.gz"'
	run run_script 'cat /etc/motd'
	expect_status 0
	expect_output "from the image"
}

@test "two that start at once unpack a tar once" {
	local first
	make_tar_bundle
	edit_config '.process.args = ["cat", "/etc/motd"]'
	minirun run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/first" &
	first=$!
	run minirun run --bundle "$BUNDLE" "$RUN-b"
	wait "$first"
	expect_status 0
	expect_output "from the image"
	expect_file "$BATS_TEST_TMPDIR/first" "from the image"
	expect_equal "$(find "$DATA/layers/sha256" -mindepth 1 -maxdepth 1 | wc -l)" 1
}

@test "a tar that was changed is another layer" {
	make_tar_bundle
	run_script true
	mkdir "$BATS_TEST_TMPDIR/more"
	echo more >"$BATS_TEST_TMPDIR/more/more"
	tar --append --file "$BUNDLE/base.tar" --directory "$BATS_TEST_TMPDIR/more" more
	run run_script 'cat /more'
	expect_status 0
	expect_output more
}

@test "a layer store that was emptied is filled again" {
	make_tar_bundle
	run_script true
	rm -r "$DATA/layers/sha256"
	run run_script 'cat /etc/motd'
	expect_status 0
	expect_output "from the image"
}

@test "a file that is no tar is refused, and leaves nothing" {
	make_tar_bundle
	echo 'this is no tar' >"$BUNDLE/base.tar"
	run run_script true
	expect_status 1
	expect_text "base.tar"
	expect_equal "$(find "$DATA/layers" -type d -path '*sha256/*' 2>/dev/null)" ""
}
