#!/usr/bin/env bats
# contrib/debian: the package is built from what make dist takes, installed and removed. The host's
# directories stay as they are: what is written to them goes to a tmpfs.
# shellcheck disable=SC2016 # the variables in filters are jq's

load lib/bundle

COVERED=(/usr /etc /var/cache /var/lib/dpkg /var/log)

setup() {
	bundle_setup
	requires "no build directory" test -f "$builddir/Makefile"
	requires "no dpkg-buildpackage" command -v dpkg-buildpackage
	requires "build dependencies of contrib/debian are missing" \
		dpkg-checkbuilddeps "$srcdir/contrib/debian/control"
	OVER=$BATS_TEST_TMPDIR/over
	VERSION=$(sed -n 's/^AC_INIT(\[minirun\], \[\(.*\)\])$/\1/p' "$srcdir/configure.ac")
	[[ -e $BATS_FILE_TMPDIR/source ]] || build_package
	PACKAGE=$(echo "$BATS_FILE_TMPDIR"/minirun_*.deb)
	[[ -f $PACKAGE ]] || fail "there is no package" "$(tail -n 20 "$BATS_FILE_TMPDIR/package.log")"
}

teardown() {
	uncover_host
	bundle_teardown
}

# Without what make and the options of this build have left in the environment.
build_package() {
	local clean=(env -i PATH="$PATH" DEB_BUILD_OPTIONS="parallel=$(nproc)")
	{
		"${clean[@]}" make -C "$builddir" -s distdir distdir="$BATS_FILE_TMPDIR/source" &&
			cd "$BATS_FILE_TMPDIR/source" && cp -r contrib/debian . &&
			"${clean[@]}" dpkg-buildpackage -b -us -uc
	} >"$BATS_FILE_TMPDIR/package.log" 2>&1
}

cover_host() {
	local directory
	mkdir "$OVER"
	mount -t tmpfs tmpfs "$OVER"
	for directory in "${COVERED[@]}"; do
		mkdir -p "$OVER/upper$directory" "$OVER/work$directory"
		mount -t overlay -o "lowerdir=$directory,upperdir=$OVER/upper$directory" \
			-o "workdir=$OVER/work$directory" overlay "$directory"
	done
}

# Lazily: a process that has ended may still be on its way out.
uncover_host() {
	local directory
	for directory in "${COVERED[@]}" "${OVER:-}"; do
		[[ ! -d $OVER/upper ]] || umount --lazy "$directory"
	done
}

# What the package shall have, a path a line.
wanted() {
	local page
	printf '/usr/%s\n' bin/minirun libexec/minirun/minirun-{image,systemd} \
		share/bash-completion/completions/minirun share/zsh/vendor-completions/_minirun \
		share/fish/vendor_completions.d/minirun.fish \
		share/doc/minirun/{copyright,changelog.gz,changelog.Debian.gz}
	(cd "$srcdir/contrib" && printf '/usr/share/doc/minirun/%s\n' examples/*)
	(cd "$srcdir" && printf '/usr/share/minirun/%s\n' schema/*.schema.json)
	for page in "$srcdir"/man/*.scd; do
		page=$(basename "$page" .scd)
		echo "/usr/share/man/man${page##*.}/$page.gz"
	done
}

@test "the package has the programs, every page and schema, completions and examples" {
	run dpkg-deb --contents "$PACKAGE"
	expect_status 0
	expect_equal "$(sed -n 's,^[^d].* \./,/,p' <<<"$output" | sort)" "$(wanted | sort)"
	expect_equal "$(grep -v ' root/root ' <<<"$output")" ''
	expect_equal "$(dpkg-deb --field "$PACKAGE" Version)" "$VERSION-1"
	run dpkg-deb --field "$PACKAGE" Depends Static-Built-Using
	expect_text libarchive libssl libsystemd 'glibc (' 'libseccomp (' 'yajl ('
}

@test "installed, it runs a container with its helper; removed, no file of it is left" {
	tar --create --file "$BATS_TEST_TMPDIR/image.tar" --directory "$IMAGE" .
	cover_host
	run dpkg --install "$PACKAGE"
	expect_status 0
	unset MINIRUN_LIBEXEC
	run /usr/bin/minirun --version
	expect_text "minirun version $VERSION"
	make_bundle '.root.overlay.lower = [$tar]' --arg tar "$BATS_TEST_TMPDIR/image.tar"
	MINIRUN=/usr/bin/minirun run run_script 'cat /etc/motd'
	expect_status 0
	expect_output 'from the image'
	run grep -rh /bin/minirun /usr/share/doc/minirun/examples
	expect_text /usr/bin/minirun
	expect_no_text /usr/local
	run dpkg --purge minirun
	expect_status 0
	expect_equal "$(find "$OVER/upper/usr" "$OVER/upper/etc" -type f)" ''
}
