#!/usr/bin/env bats
# unpack of what is damaged or lies: one line, no bundle, the store as it was.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for jq; a test is a subshell

load lib/bundle
load lib/image

# Two good layers, "base.tar.gz" and "top.tar".
make_layers() {
	make_base base.tar
	gzip "$T/base.tar"
	make_tar top.tar <<<'add("file", b"data" * 10000)'
}

# The only image's manifest or configuration changed by hand, with the digests that follow.
with_manifest() { # MANIFEST-FILTER [CONFIG-FILTER]
	rm -rf "$LAYOUT"
	make_index "$(make_manifest "${2-.}" "$1" base.tar.gz top.tar)"
}

with_descriptor() { # FILTER
	with_manifest .
	jq -c "$1" "$LAYOUT/index.json" >"$T/index"
	cp "$T/index" "$LAYOUT/index.json"
}

blob_of() { # FILE
	echo "$LAYOUT/blobs/sha256/$(digest_of "$T/$1")"
}

@test "a blob that is cut off, changed, larger, missing, a link, a pipe" {
	make_layers
	with_manifest .
	base=$(blob_of base.tar.gz) top=$(blob_of top.tar)
	cp -a "$LAYOUT" "$T/good"
	restore() {
		rm -rf "$LAYOUT"
		cp -a "$T/good" "$LAYOUT"
	}
	for blob in "$base" "$top"; do
		truncate -s -100 "$blob"
		expect_refused "oci:$LAYOUT" "its layer sha256:${blob##*/} has another size"
		tr '\0' x </dev/zero | head -c 100 >>"$blob"
		expect_refused "oci:$LAYOUT" "sha256:${blob##*/}"
		restore
		printf x | dd of="$blob" bs=1 seek=700 conv=notrunc status=none
		expect_refused "oci:$LAYOUT" "sha256:${blob##*/}"
		restore
		echo >>"$blob"
		expect_refused "oci:$LAYOUT" "its layer sha256:${blob##*/} has another size"
		mv "$blob" "$T/moved"
		expect_refused "oci:$LAYOUT" "cannot open its layer sha256:${blob##*/}"
		ln -s "$T/good/blobs/sha256/${blob##*/}" "$blob"
		expect_refused "oci:$LAYOUT" "cannot open its layer sha256:${blob##*/}"
		rm "$blob"
		mkfifo "$blob"
		expect_refused "oci:$LAYOUT" "its layer sha256:${blob##*/} has another size"
		restore
	done
	# The same tar, in a gzip that says that it is of another system.
	printf x | dd of="$base" bs=1 seek=9 conv=notrunc status=none
	expect_refused "oci:$LAYOUT" "its layer sha256:${base##*/} is damaged: that is sha256:$(digest_of "$base")"
	restore
	expect_equal "$(stored)" ""
	unpack --quiet "oci:$LAYOUT"
	expect_equal "$(stored | wc -l)" 2
}

@test "a layer that is right as a blob and not as a tar" {
	make_layers
	with_manifest . '.rootfs.diff_ids[1] = .rootfs.diff_ids[0]'
	expect_refused "oci:$LAYOUT" "its layer sha256:$(digest_of "$T/top.tar") is not what its configuration says"
	with_manifest . '.rootfs.diff_ids |= reverse'
	expect_refused "oci:$LAYOUT" "is not what its configuration says"
	expect_equal "$(stored)" ""
}

@test "documents that do not fit or are none" {
	make_layers
	while IFS='#' read -r manifest config text; do
		echo "$manifest $config"
		with_manifest "$manifest" "$config"
		expect_refused "oci:$LAYOUT" "$text"
	done <<-'END'
		.#.rootfs.diff_ids = []#it has 2 layers, and diff_ids of 0
		.#.rootfs.diff_ids[0] = 7#is not a digest of SHA-256
		.#.rootfs.diff_ids[0] = "sha512:00"#'sha512:00' is not a digest of SHA-256
		.#.rootfs.diff_ids[0] = "sha256:../../../etc/passwd"#is not a digest of SHA-256
		.#.rootfs.diff_ids[0] |= ascii_upcase#is not a digest of SHA-256
		.layers = []#.rootfs.diff_ids = []#it has no layers
		.layers = {}#.#it has 0 layers, and diff_ids of 2
		.layers[0].digest = "sha256:../../../../etc/passwd"#.#is not a digest of SHA-256
		.layers[0].digest = "sha512:0123"#.#'sha512:0123' is not a digest of SHA-256
		.layers[0].size = -1#.#is no number
		.layers[0].size = "1"#.#is no number
		.layers[0].size = 9223372036854775808#.#is no number
		.layers[0].size += 1#.#has another size
		.layers[0].mediaType = "text/plain\u001b[2J"#.#is of no known type: 'text/plain\x1b[2J'
		.layers[1].mediaType = null#.#is of no known type: ''
		.layers[0].mediaType = "application/vnd.oci.image.layer.v1.tar+bzip2"#.#is of no known type
		.layers[0].mediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"#.#is a foreign one
		.layers[1].mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"#.#is a foreign one
		.config.mediaType = "application/vnd.cncf.helm.config.v1+json"#.#where minirun knows
		.config.digest = 1#.#is not a digest of SHA-256
		.mediaType = "application/vnd.oci.image.index.v1+json"#.#is not what its descriptor says
		.#.config.Env = "a"#config.Env: not a JSON list of texts
		.#.config.Env = ["A=1", 2]#config.Env: not a JSON list of texts
		.#.config.Cmd = {}#config.Cmd: not a JSON list of texts
		.#.config.Entrypoint = [null]#config.Entrypoint: not a JSON list of texts
		.#.config.User = 0#config.User: not a JSON text
		.#.config.Labels = { a: 1 }#config.Labels: not a JSON object of texts
		.#.config.Volumes = ["/v"]#config.Volumes: not a JSON object
		.#.config.ExposedPorts = "80"#config.ExposedPorts: not a JSON object
		.#.config = []#config: not a JSON object
		.#.config.Cmd = [range(10001) | "a"]#config.Cmd: more than 10000
	END
	with_manifest .
	for document in oci-layout index.json; do
		cp "$LAYOUT/$document" "$T/kept"
		for content in '' '[]' '{"a":' '{"a":"\u0000"}' '// {}'; do
			echo "$content" >"$LAYOUT/$document"
			expect_refused "oci:$LAYOUT" "$document"
		done
		truncate -s 17M "$LAYOUT/$document"
		expect_refused "oci:$LAYOUT" "$document" "too large"
		rm "$LAYOUT/$document"
		expect_refused "oci:$LAYOUT" "$document" "no such file"
		ln -s /dev/zero "$LAYOUT/$document"
		expect_refused "oci:$LAYOUT" "$document"
		rm "$LAYOUT/$document"
		mkfifo "$LAYOUT/$document"
		expect_refused "oci:$LAYOUT" "$document"
		rm "$LAYOUT/$document"
		mv "$T/kept" "$LAYOUT/$document"
	done
	expect_equal "$(stored)" ""
}

@test "an index that leads nowhere, or round" {
	make_layers
	while IFS='|' read -r filter text; do
		echo "$filter"
		with_descriptor "$filter"
		expect_refused "oci:$LAYOUT" "$text"
	done <<-'END'
		.manifests = []|it has no image
		.manifests = {}|its index has no list of manifests
		.manifests += .manifests|it has 2 images
		.manifests[0] = 7|where minirun knows
		.manifests[0].mediaType = "x/y"|it has 'x/y' where minirun knows
		.manifests[0].digest = "sha256:/etc/passwd"|is not a digest of SHA-256
		.manifests[0].digest = "sha256:" + ("0" * 64)|cannot open its sha256:000
		.manifests[0].size += 1|has another size
		.manifests[0].mediaType = "application/vnd.oci.image.index.v1+json"|its index has no list of manifests
	END
	with_manifest .
	descriptor=$(jq -c '.manifests[0]' "$LAYOUT/index.json")
	for _ in {1..6}; do
		make_index "$descriptor"
		cp "$LAYOUT/index.json" "$T/index"
		descriptor=$(add_blob "$T/index" "$OCI.index.v1+json")
	done
	expect_refused "oci:$LAYOUT" "it has more than 4 indexes in each other"
	manifest=$(digest_of "$T/manifest")
	with_manifest .
	echo ' ' >>"$LAYOUT/blobs/sha256/$manifest"
	expect_refused "oci:$LAYOUT" "the content of sha256:$manifest is another one"
}

@test "a label cannot tell the runtime what to do" {
	make_layers
	with_manifest . '.config.Labels = { "io.minirun.overlay.upper": "/etc", "io.minirun.overlay.work": "/tmp",
		"run.oci.hooks.stdout": "/etc/passwd", "org.systemd.property.ExecStart\u001b": "x",
		"org.criu.config": "/x", harmless: "label" }'
	run unpack --quiet "oci:$LAYOUT"
	expect_status 0
	expect_one_line
	expect_text "labels on which a runtime would act are left out: io.minirun.overlay.upper, io.minirun.overlay.work, run.oci.hooks.stdout, org.systemd.property.ExecStart\\x1b, org.criu.config"
	config_is '.annotations | keys' '["harmless","org.opencontainers.image.architecture","org.opencontainers.image.os"]'
}

@test "a configuration that is none for a container, and volumes in no place" {
	make_layers
	while IFS='|' read -r filter text; do
		with_manifest . "$filter"
		rm -rf "$BUNDLE"
		run minirun unpack "oci:$LAYOUT" "$BUNDLE"
		expect_status 1
		expect_one_line
		expect_text "$text"
		expect_absent "$BUNDLE"
		expect_equal "$(find "${BUNDLE%/*}" -maxdepth 1 -name '.*minirun*')" ""
	done <<-'END'
		.config.Env = ["nothing"]|its configuration is not one for a container
		.config.Volumes = { "relative": {} }|'relative' is no place for a volume
		.config.Volumes = { "/": {} }|'/' is no place for a volume
		.config.Volumes = { "//./..": {} }|'//./..' is no place for a volume
	END
}

@test "the users of an image are in it, wherever its links lead" {
	make_base base.tar
	mkdir "$T/outside/" && echo 'evil:x:1:2::/:' >"$T/outside/passwd"
	make_tar links.tar <<-END
		symlink("etc", "$T/outside")
	END
	make_image '.config.User = "evil"' links.tar
	refuse() { # TEXT
		rm -rf "$BUNDLE"
		run minirun unpack "oci:$LAYOUT" "$BUNDLE"
		expect_status 1
		expect_one_line
		expect_text "$1"
		expect_absent "$BUNDLE"
	}
	refuse "its user 'evil' is not in the image's '/etc/passwd'"
	for target in "../../../../../../../..$T/outside/passwd" passwd "$(printf 'a%.0s' {1..300})" "$(printf 'x/%.0s' {1..2000})" /dev/../etc/passwd; do
		rm -rf "$LAYOUT"
		make_tar links.tar <<<"symlink('etc/passwd', '$target')"
		make_image '.config.User = "evil"' links.tar
		refuse "its user 'evil' is not in the image's '/etc/passwd'"
	done
	rm -rf "$LAYOUT"
	make_tar links.tar <<<'add("etc/passwd", type=tarfile.FIFOTYPE)'
	make_image '.config.User = "evil"' links.tar
	refuse "'/etc/passwd' of the image is not a regular file"
	# Through layers: a link below, its target above, hidden in between.
	rm -rf "$LAYOUT"
	make_tar low.tar <<-'END'
		symlink("etc", "usr/../real/./etc")
		add("real/etc/passwd", b"good:x:5:6::/:\n")
	END
	make_tar middle.tar <<<'add("real/.wh.etc", b"")'
	make_tar high.tar <<-'END'
		symlink("real/etc/passwd", "/real/other")
		add("usr/file", b"")
		add("real/other", b"good:x:7:8::/:\n")
	END
	make_image '.config.User = "good"' low.tar middle.tar high.tar
	unpack --quiet "oci:$LAYOUT"
	config_is .process.user '{"uid":7,"gid":8}'
	rm -rf "$LAYOUT"
	make_image '.config.User = "good"' low.tar middle.tar
	refuse "its user 'good' is not in the image's '/etc/passwd'"
}

@test "a layer that leads out, and one that is no tar" {
	make_base base.tar
	mkdir "$T/outside"
	make_tar evil.tar <<<'add("../../../../../../outside/file", b"x")'
	make_image . base.tar evil.tar
	expect_refused "oci:$LAYOUT" "the tar has a path that leads out of it"
	rm -rf "$LAYOUT"
	echo text >"$T/none.tar"
	make_image . base.tar none.tar
	expect_refused "oci:$LAYOUT" "'sha256:$(digest_of "$T/none.tar")' is not a tar file"
	expect_equal "$(ls -A "$T/outside")" ""
	expect_equal "$(stored)" ""
}

@test "archives that are damaged, hold something twice, or are docker's" {
	make_layers
	with_manifest .
	tar --create --file "$T/image.tar" --directory "$LAYOUT" .
	gzip -k "$T/image.tar"
	for archive in image.tar image.tar.gz; do
		head -c 20000 "$T/$archive" >"$T/cut"
		expect_refused "oci-archive:$T/cut" "'$T/cut'"
	done
	truncate -s 30000 "$T/zeros"
	expect_refused "oci-archive:$T/zeros" "'$T/zeros'"
	expect_refused "oci-archive:$T/missing" "cannot open '$T/missing'"
	expect_refused "oci-archive:$T" "'$T'"
	tar --append --file "$T/image.tar" --directory "$LAYOUT" ./oci-layout
	expect_refused "oci-archive:$T/image.tar" "'oci-layout' is twice in it"
	mkdir "$T/links"
	ln -s /etc/passwd "$T/links/index.json"
	tar --create --file "$T/links.tar" --directory "$T/links" .
	expect_refused "oci-archive:$T/links.tar" "'index.json' in it is not a plain file"
	truncate -s 1G "$T/links/oci-layout"
	tar --create --sparse --file "$T/sparse.tar" --directory "$T/links" ./oci-layout
	expect_refused "oci-archive:$T/sparse.tar" "'oci-layout' in it is not a plain file"
	echo '[]' >"$T/manifest.json"
	tar --create --file "$T/docker.tar" --directory "$T" manifest.json
	expect_refused "oci-archive:$T/docker.tar" "it is an archive of docker's"
	tar --create --file "$T/empty.tar" --files-from /dev/null
	expect_refused "oci-archive:$T/empty.tar" "'$T/empty.tar'"
	expect_refused "oci:$T/links" "'$T/links' is not an image layout"
	expect_refused "$T/links" "an image layout is oci:DIR[:TAG]"
	expect_refused "$T/manifest.json" "is not a tar file"
	expect_refused "oci:" "has no path"
	expect_equal "$(stored)" ""
}

@test "out of space: nothing is left, and it can be tried again" {
	make_layers
	make_tar large.tar <<<'add("large", bytes(range(256)) * 20000)'
	make_index "$(make_manifest . . base.tar.gz large.tar)"
	mkdir "$DATA"
	mount -t tmpfs -o size=4m tmpfs "$DATA"
	run minirun unpack "oci:$LAYOUT" "$BUNDLE"
	left=$(stored)
	mount -o remount,size=100m "$DATA"
	unpacked=$(minirun unpack --format json "oci:$LAYOUT" "$T/second" | jq .unpacked)
	umount "$DATA"
	expect_status 1
	expect_one_line
	expect_text "no space left on device"
	expect_equal "$left" ""
	expect_absent "$BUNDLE"
	expect_equal "$unpacked" 2
}

@test "killed at any point it leaves what gc and the next one remove" {
	requires "strace is missing" command -v strace
	make_layers
	with_manifest .
	local fault
	for fault in mkdirat:when=2 mkdirat:when=20 openat:when=40 syncfs:when=1 renameat2:when=1 renameat2:when=2 fsync:when=2 \
		fsync:when=3 renameat:when=1; do
		echo "$fault"
		rm -rf "$DATA/layers" "$BUNDLE"
		run strace -f -qq -o "$T/trace" -e "inject=${fault/:/:signal=SIGKILL:}" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
			unpack --quiet "oci:$LAYOUT" "$BUNDLE"
		[[ $status -ne 0 ]]
		expect_absent "$BUNDLE"
		for layer in "$DATA"/layers/sha256/*; do
			[[ ! -e $layer || -e $layer/bin || -e $layer/file ]]
		done
		if [[ $fault == mkdirat* ]]; then
			minirun gc >"$T/gc"
			expect_equal "$(ls -A "$DATA/layers/scratch" 2>/dev/null)" ""
		fi
		unpack --quiet "oci:$LAYOUT"
		expect_equal "$(stored | wc -l)" 2
		expect_equal "$(find "${BUNDLE%/*}" -maxdepth 1 -name '.*minirun*')" ""
	done
}

@test "gc leaves an unpack that is under way alone" {
	mkdir -p "$DATA/layers/scratch/waste/layer" "$DATA/layers/scratch/used/layer"
	exec 7<"$DATA/layers/scratch/used"
	flock 7
	run minirun gc --dry-run
	expect_output "would remove directory '$DATA/layers/scratch/waste': an unpack was interrupted"
	expect_equal "$(ls "$DATA/layers/scratch")" $'used\nwaste'
	run minirun gc
	expect_output "removed directory '$DATA/layers/scratch/waste': an unpack was interrupted"
	expect_equal "$(ls "$DATA/layers/scratch")" used
	exec 7<&-
}

@test "what is in the way of a bundle: left by a kill, held by another, a stranger's" {
	make_base base.tar
	make_image . base.tar
	hidden=$T/.bundle.minirun
	mkdir -p "$hidden/rootfs/left"
	echo half >"$hidden/config.json"
	unpack --quiet "oci:$LAYOUT"
	config_is .process.args '["sh"]'
	expect_equal "$(ls -A "$BUNDLE" "$BUNDLE/rootfs")" "$BUNDLE:"$'\nconfig.json\nrootfs\n\n'"$BUNDLE/rootfs:"
	expect_absent "$hidden"
	rm -r "$BUNDLE"
	mkdir "$hidden"
	exec 7<"$hidden"
	flock 7
	run minirun unpack "oci:$LAYOUT" "$BUNDLE"
	exec 7<&-
	expect_status 1
	expect_one_line
	expect_text "another one is making '$BUNDLE'"
	[[ -d $hidden ]]
	chown 1234 "$hidden"
	run minirun unpack "oci:$LAYOUT" "$BUNDLE"
	expect_status 1
	expect_text "'.bundle.minirun' is in the way"
	rmdir "$hidden"
	ln -s "$T" "$hidden"
	run minirun unpack "oci:$LAYOUT" "$BUNDLE"
	expect_status 1
	expect_text "'.bundle.minirun' is in the way"
	expect_absent "$BUNDLE"
}
