#!/usr/bin/env bats
# unpack: from an image to a container, and what is in the store in between.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle
load lib/commit
load lib/image

@test "run, commit, unpack, run, commit on top, unpack: the same tree each time" {
	make_layers
	start_idle
	change_everything
	minirun commit --quiet "$ID" "$T/first.tar" 2>"$T/warnings"
	minirun commit --quiet --compress gzip:1 "$ID" "oci:$LAYOUT:one" 2>"$T/warnings"
	minirun delete --force "$ID"
	unpack --quiet "oci:$LAYOUT:one"
	view "$T/again.tar"
	cmp "$T/first.tar" "$T/again.tar"
	start_idle
	in_container <<-'END'
		import shutil
		shutil.rmtree("kept")
		shutil.rmtree("made/renamed")
		os.mkdir("made/renamed")
		open("made/renamed/other", "w").close()
		os.chmod("z", 0o600)
		os.setxattr("swapped", "user.new", b"here")
		os.rename("swapped", "typed/moved")
		os.chown(".", 3, 4)
	END
	minirun commit --quiet "$ID" "$T/second.tar"
	minirun commit --quiet --base "oci:$LAYOUT:one" "$ID" "oci:$LAYOUT:two"
	minirun delete --force "$ID"
	expect_equal "$(stored | wc -l)" 1
	run unpack "oci:$LAYOUT:two"
	expect_status 0
	expect_one_line
	expect_match "$BUNDLE: 2 layers, 1 new \([0-9]+ entries, [0-9.]+ (bytes|[kM]B)\), sha256:$(jq -r '.manifests[1].digest' "$LAYOUT/index.json" | cut -d: -f2)"
	expect_equal "$(stored | wc -l)" 2
	config_is '.root.overlay.lower | length' 2
	view "$T/again.tar"
	cmp "$T/second.tar" "$T/again.tar"
}

@test "the bundle of an image runs at once" {
	make_base base.tar
	make_tar top.tar <<<'add("file", b"from above\n")'
	make_image '.config.Cmd = ["cat", "/file"]' base.tar top.tar
	unpack --quiet "oci:$LAYOUT"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output "from above"
	expect_equal "$(ls -A "$BUNDLE")" $'config.json\nrootfs'
}

@test "every layer is once in the store, under its chain id, and unpacked once" {
	make_base base.tar
	make_tar one.tar <<<'add("one", b"1")'
	make_tar two.tar <<<'add("two", b"2")'
	gzip -k "$T/base.tar" "$T/one.tar"
	zstd -q "$T/two.tar"
	make_image . base.tar.gz one.tar.gz two.tar.zst
	run unpack "oci:$LAYOUT"
	expect_match "3 layers, 3 new"
	first=$(digest_of "$T/base.tar")
	second=$(printf 'sha256:%s sha256:%s' "$first" "$(digest_of "$T/one.tar")" | sha256sum | cut -d' ' -f1)
	third=$(printf 'sha256:%s sha256:%s' "$second" "$(digest_of "$T/two.tar")" | sha256sum | cut -d' ' -f1)
	expect_equal "$(stored)" "$(printf '%s\n' "$first" "$second" "$third" | sort)"
	config_is .root.overlay.lower "[\"$DATA/layers/sha256/$third\",\"$DATA/layers/sha256/$second\",\"$DATA/layers/sha256/$first\"]"
	expect_equal "$(stat -c %a "$DATA/layers/sha256" "$DATA/layers/scratch")" $'700\n700'
	inodes=$(stat -c %i "$DATA/layers/sha256"/*)
	run unpack "oci:$LAYOUT"
	expect_match "3 layers, none new, sha256:"
	expect_equal "$(stat -c %i "$DATA/layers/sha256"/*)" "$inodes"
	# Compressed or not is the same layer, and another one above the same is another.
	rm -rf "$LAYOUT"
	make_image . base.tar two.tar.zst
	run unpack "oci:$LAYOUT"
	expect_match "2 layers, 1 new"
	expect_equal "$(stored | wc -l)" 4
	# A tar that a container names is the same too.
	make_bundle '.process.args = ["true"] | .root.overlay.lower = [$tar]' --arg tar "$T/base.tar"
	minirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$(stored | wc -l)" 4
}

@test "twenty at once unpack each layer once" {
	make_base base.tar
	local number layers=(base.tar) pids=()
	for number in {1..5}; do
		make_tar "$number.tar" <<<"add('file', b'$number' * 1000000)"
		layers+=("$number.tar")
	done
	make_image . "${layers[@]}"
	for number in {1..20}; do
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" unpack --format json "oci:$LAYOUT" "$T/bundle-$number" >"$T/said-$number" &
		pids+=($!)
	done
	for number in "${pids[@]}"; do wait "$number"; done
	expect_equal "$(jq -s 'map(.unpacked) | add' "$T"/said-*)" 6
	expect_equal "$(stored | wc -l)" 6
	cmp "$T/bundle-1/config.json" "$T/bundle-20/config.json"
}

@test "an archive holds the same as a directory, compressed too" {
	make_base base.tar
	gzip "$T/base.tar"
	make_image '.config.Cmd = ["cat", "/etc/motd"]' base.tar.gz
	expected=$(cat "$IMAGE/etc/motd")
	tar --create --file "$T/image.tar" --directory "$LAYOUT" .
	tar --create --file "$T/other.tar" --directory "$LAYOUT" blobs oci-layout index.json
	gzip -k "$T/image.tar"
	zstd -q "$T/other.tar"
	for archive in image.tar image.tar.gz other.tar.zst; do
		rm -rf "$DATA/layers"
		run unpack "oci-archive:$T/$archive"
		expect_status 0
		expect_match "1 layer, 1 new"
		run minirun run --bundle "$BUNDLE" "$ID"
		expect_output "$expected"
		expect_equal "$(ls -A "$DATA/layers")" $'records\nscratch\nsha256'
	done
}

@test "a layer alone is the layer that a container has which names it" {
	make_base base.tar
	gzip "$T/base.tar"
	run unpack "$T/base.tar.gz"
	expect_status 0
	expect_match "1 layer, 1 new, sha256:$(digest_of "$T/base.tar.gz")"
	config_is .process.args '["sh"]'
	config_is 'has("annotations")' false
	run unpack "$T/base.tar.gz"
	expect_match "1 layer, none new"
	run run_script 'echo runs'
	expect_output runs
	edit_config '.root.overlay.lower = [$tar]' --arg tar "$T/base.tar.gz"
	run run_script 'echo too'
	expect_output too
	expect_equal "$(stored)" "$(digest_of "$T/base.tar.gz")"
}

@test "a configuration as conversion.md says, on what spec writes" {
	make_base base.tar
	make_image '. * { author: "me", created: "2020-01-02T03:04:05Z", variant: "v1", "os.version": "5",
		"os.features": ["a", "b"], config: { Entrypoint: ["sh", "-c"], Cmd: ["true", "x"],
		Env: ["A=b=c", "TERM=dumb"], WorkingDir: "/usr", StopSignal: "SIGINT",
		ExposedPorts: { "80/tcp": {}, "53/udp": {} }, Volumes: { "/etc": {}, "/dev/shm": {} },
		Labels: { "a.b": "c", "org.opencontainers.image.author": "label" } } }' base.tar
	unpack --quiet "oci:$LAYOUT"
	config_is .process.args '["sh","-c","true","x"]'
	config_is .process.env '["A=b=c","TERM=dumb","PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOME=/root"]'
	config_is .process.cwd '"/usr"'
	config_is .process.user '{"uid":0,"gid":0}'
	expect_equal "$(jq -cS .annotations "$BUNDLE/config.json")" \
		'{"a.b":"c","org.opencontainers.image.architecture":"'"$ARCHITECTURE"'","org.opencontainers.image.author":"label","org.opencontainers.image.created":"2020-01-02T03:04:05Z","org.opencontainers.image.exposedPorts":"80/tcp,53/udp","org.opencontainers.image.os":"linux","org.opencontainers.image.os.features":"a,b","org.opencontainers.image.os.version":"5","org.opencontainers.image.stopSignal":"SIGINT","org.opencontainers.image.variant":"v1"}'
	config_is '[.mounts[] | select(.destination == "/etc")]' \
		'[{"destination":"/etc","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev","tmpcopyup"]}]'
	config_is '[.mounts[] | select(.destination == "/dev/shm")] | length' 1
	mkdir "$T/spec"
	minirun spec --bundle "$T/spec"
	for member in .linux .hostname .process.capabilities .ociVersion '.mounts[:7]'; do
		config_is "$member" "$(jq -c "$member" "$T/spec/config.json")"
	done
	minirun check "$BUNDLE"
	# What a container writes to a volume is in no image.
	edit_config '.process.args = ["sh", "-c", "cat /etc/motd >/dev/null && echo new >/etc/motd"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	expect_equal "$(minirun diff "$ID")" ""
}

@test "what Go writes for nothing is nothing" {
	make_base base.tar
	make_image '.config = { Entrypoint: null, Cmd: null, Env: null, Volumes: null, Labels: null, User: "",
		WorkingDir: "" }' base.tar
	unpack --quiet "oci:$LAYOUT"
	config_is '[.process.args, .process.cwd]' '[["sh"],"/"]'
	rm -rf "$LAYOUT"
	make_image 'del(.config)' base.tar
	unpack --quiet "oci:$LAYOUT"
	config_is .process.args '["sh"]'
}

@test "a user is who the image says, with the groups of a name" {
	make_base base.tar
	make_tar users.tar <<-'END'
		add("etc/passwd", b"broken\nroot:x:0:0::/root:/bin/sh\nme:x:70:71:Me:/rooms/me:/bin/sh\nodd:x:-1:7::/:\n")
		add("etc/group", b"root:x:0:\nmine:x:71:me\nmore:x:72:you,me\neven:x:73:me\nmost:x:74:men\n")
	END
	while IFS='|' read -r user expected home; do
		rm -rf "$LAYOUT"
		make_image ".config.User = \"$user\"" base.tar users.tar
		unpack --quiet "oci:$LAYOUT"
		config_is .process.user "$expected"
		config_is '.process.env[-1]' "\"HOME=$home\""
	done <<-'END'
		|{"uid":0,"gid":0}|/root
		root|{"uid":0,"gid":0}|/root
		me|{"uid":70,"gid":71,"additionalGids":[72,73]}|/rooms/me
		70|{"uid":70,"gid":71}|/rooms/me
		me:more|{"uid":70,"gid":72}|/rooms/me
		me:9|{"uid":70,"gid":9}|/rooms/me
		1234|{"uid":1234,"gid":0}|/
		1234:even|{"uid":1234,"gid":73}|/
		12:34|{"uid":12,"gid":34}|/
		:mine|{"uid":0,"gid":71}|/root
	END
	for user in you me:none -1 odd 4294967295 '../root' 70x; do
		rm -rf "$LAYOUT"
		make_image ".config.User = \"$user\"" base.tar users.tar
		rm -rf "$DATA/layers"
		refuse_user
	done
}

# Refused when its layers are unpacked: they stay, since they are right.
refuse_user() {
	rm -rf "$BUNDLE"
	run minirun unpack "oci:$LAYOUT" "$BUNDLE"
	expect_status 1
	expect_one_line
	expect_text "is not in the image's '/etc/"
	expect_absent "$BUNDLE"
}

@test "directories that a layer only implies keep what the layers below say of them" {
	make_tar base.tar <<-'END'
		directory(".", mode=0o711, mtime=111)
		directory("a", mode=0o1777, uid=5, gid=6, mtime=1000)
		directory("a/b", mode=0o700, uid=7, mtime=2000)
		directory("gone", mode=0o700, uid=7)
		directory("own", mode=0o700, uid=7)
	END
	make_tar middle.tar <<-'END'
		add("a/b/middle", b"m")
		add(".wh.gone", b"")
	END
	make_tar top.tar <<-'END'
		add("a/b/c/top", b"t")
		add("gone/new", b"n")
		add("own/file", b"n")
		directory("own", mode=0o750, uid=8, mtime=3)
	END
	make_image . base.tar middle.tar top.tar
	unpack --quiet "oci:$LAYOUT"
	for layer in 0 1; do
		top=$(jq -r ".root.overlay.lower[$layer]" "$BUNDLE/config.json")
		expect_equal "$(cd "$top" && stat -c '%n %a %u:%g %Y' . a a/b)" \
			$'. 711 0:0 111\na 1777 5:6 1000\na/b 700 7:0 2000'
	done
	top=$(jq -r ".root.overlay.lower[0]" "$BUNDLE/config.json")
	expect_equal "$(cd "$top" && stat -c '%n %a %u:%g %Y' a/b/c gone own)" \
		$'a/b/c 755 0:0 0\ngone 755 0:0 0\nown 750 8:0 3'
}

@test "a layer whose root hides everything below has nothing below" {
	make_base base.tar
	make_base again.tar
	make_tar opaque.tar <<-'END'
		add("only", b"here")
		add(".wh..wh..opq", b"")
	END
	make_image . base.tar opaque.tar again.tar
	unpack --quiet "oci:$LAYOUT"
	config_is '.root.overlay.lower | length' 2
}

@test "of several platforms that of the host is taken, through indexes in indexes" {
	make_tar right.tar <<<'add("right", b"")'
	make_tar wrong.tar <<<'add("wrong", b"")'
	platform() { # DESCRIPTOR OS ARCHITECTURE [VARIANT]
		jq -c --arg os "$2" --arg architecture "$3" --arg variant "${4-}" '.platform = ({ os: $os,
			architecture: $architecture } + if $variant == "" then {} else { variant: $variant } end)' <<<"$1"
	}
	right=$(make_manifest . . right.tar)
	wrong=$(make_manifest . . wrong.tar)
	all=("$(platform "$wrong" windows "$ARCHITECTURE")" "$(platform "$wrong" linux riscv128)"
		"$(platform "$wrong" linux "$ARCHITECTURE" v77)" "$(platform "$right" linux "$ARCHITECTURE")"
		"$(platform "$wrong" unknown unknown)")
	make_index "${all[@]}"
	unpack --quiet "oci:$LAYOUT"
	expect_equal "$(ls "$(jq -r '.root.overlay.lower[0]' "$BUNDLE/config.json")")" right
	cp "$LAYOUT/index.json" "$T/index"
	inner=$(add_blob "$T/index" "$OCI.index.v1+json")
	tag='.annotations = { "org.opencontainers.image.ref.name": "many" }'
	make_index "$(jq -c "$tag" <<<"$inner")" "$wrong"
	unpack --quiet "oci:$LAYOUT:many"
	expect_equal "$(ls "$(jq -r '.root.overlay.lower[0]' "$BUNDLE/config.json")")" right
	make_index "${all[0]}" "${all[1]}"
	expect_refused "oci:$LAYOUT" "it has no image for linux/$ARCHITECTURE (it has windows/$ARCHITECTURE, linux/riscv128)"
}

@test "an image for another machine is said to be one" {
	make_base base.tar
	make_image '.architecture = "riscv128"' base.tar
	run unpack --quiet "oci:$LAYOUT"
	expect_status 0
	expect_one_line
	expect_text "the image is for linux/riscv128, and this machine is linux/$ARCHITECTURE"
}

@test "images of umoci and skopeo, and of docker's types" {
	requires "umoci is missing" command -v umoci
	requires "skopeo is missing" command -v skopeo
	make_base base.tar
	gzip -k "$T/base.tar"
	make_image '.config.Cmd = ["true"]' base.tar.gz
	jq -c '.manifests[0].annotations = { "org.opencontainers.image.ref.name": "base" }' "$LAYOUT/index.json" >"$T/index"
	cp "$T/index" "$LAYOUT/index.json"
	umoci unpack --image "$LAYOUT:base" "$T/umoci" >"$T/log" 2>&1
	rm -r "$T/umoci/rootfs/etc"
	mkdir "$T/umoci/rootfs/etc"
	echo new >"$T/umoci/rootfs/etc/new"
	ln "$T/umoci/rootfs/etc/new" "$T/umoci/rootfs/linked"
	umoci repack --image "$LAYOUT:new" "$T/umoci" >"$T/log" 2>&1
	unpack --quiet "oci:$LAYOUT:new"
	run run_script 'ls /etc; cat /linked'
	expect_output $'new\nnew'
	skopeo --insecure-policy copy --quiet "oci:$LAYOUT:new" "oci-archive:$T/archive:tag"
	run unpack "oci-archive:$T/archive:tag"
	expect_match "2 layers, none new"
	skopeo --insecure-policy copy --quiet --format v2s2 "oci-archive:$T/archive:tag" "dir:$T/dir"
	mkdir -p "$T/docker/blobs/sha256"
	for file in "$T/dir"/*; do cp "$file" "$T/docker/blobs/sha256/$(digest_of "$file")"; done
	LAYOUT=$T/docker
	make_index "$(add_blob "$T/dir/manifest.json" application/vnd.docker.distribution.manifest.v2+json)"
	run unpack "oci:$T/docker"
	expect_status 0
	expect_match "2 layers, none new"
}

@test "unpacked by umoci it is the same tree" {
	requires "umoci is missing" command -v umoci
	make_layers
	start_idle
	minirun commit --quiet "$ID" "oci:$LAYOUT:base"
	change_everything
	minirun delete --force "$ID"
	unpack --quiet "oci:$LAYOUT:base"
	start_idle
	change_everything
	minirun commit --quiet --base "oci:$LAYOUT:base" "$ID" "oci:$LAYOUT:tag" 2>"$T/warnings"
	minirun delete --force "$ID"
	umoci unpack --image "$LAYOUT:tag" "$T/umoci" >"$T/umoci.log" 2>&1
	tar_py tree "$T/umoci/rootfs" | cut -d' ' -f1-4,6- >"$T/theirs"
	unpack --quiet "oci:$LAYOUT:tag"
	view "$T/ours.tar"
	tar_py state "$T/ours.tar" | cut -d' ' -f1-4,6- >"$T/ours"
	diff "$T/theirs" "$T/ours"
	[[ $(wc -l <"$T/ours") -gt 250 ]]
}

@test "the summary in JSON, and none" {
	make_base base.tar
	make_image . base.tar
	unpack --format json "oci:$LAYOUT" >"$T/said" 2>"$T/errors"
	expect_equal "$(jq -c '[.bundle, .digest, .layers, .unpacked, .bytes, .lower]' "$T/said")" \
		"[\"$BUNDLE\",\"$(jq -r '.manifests[0].digest' "$LAYOUT/index.json")\",1,1,$(stat -c %s "$T/base.tar"),[\"$DATA/layers/sha256/$(digest_of "$T/base.tar")\"]]"
	expect_equal "$(jq .entries "$T/said")" "$(tar --list --file "$T/base.tar" | wc -l)"
	expect_equal "$(<"$T/errors")" ""
	run unpack --quiet "oci:$LAYOUT"
	expect_status 0
	expect_output ""
	run minirun unpack --format xml "oci:$LAYOUT" "$BUNDLE"
	expect_status 1
	expect_text "option '--format': 'xml' is not text or json"
}

@test "a bundle takes an empty place, and no other" {
	make_base base.tar
	make_image . base.tar
	mkdir "$T/empty" "$T/full"
	touch "$T/full/file" "$T/file"
	ln -s empty "$T/link"
	cd "$T"
	minirun unpack --quiet "oci:$LAYOUT" empty/
	expect_equal "$(ls -A "$T/empty")" $'config.json\nrootfs'
	for place in full file link empty; do
		run minirun unpack "oci:$LAYOUT" "$place"
		expect_status 1
		expect_one_line
		expect_text "'$place' is there and not an empty directory"
	done
	for place in . .. / full/. ""; do
		run minirun unpack "oci:$LAYOUT" "$place"
		expect_status 1
		expect_text "'$place' is not the name of a new bundle"
	done
	run minirun unpack "oci:$LAYOUT" missing/bundle
	expect_status 1
	expect_text "cannot open 'missing'"
	expect_equal "$(ls -A full)" file
	minirun --data-root data unpack --quiet "oci:$LAYOUT" new
	expect_equal "$(jq -r '.root.overlay.lower[0]' new/config.json)" "$T/data/layers/sha256/$(digest_of base.tar)"
}
