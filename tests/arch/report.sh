# Sourced by the rules: collects what breaks one and ends with the answer.

broken_count=0

# broken TEXT: one breach, one line.
broken() {
    echo "$*"
    broken_count=$((broken_count + 1))
}

finish() {
    if ((broken_count > 0)); then
        echo "$broken_count breaches"
        exit 1
    fi
}

# objects ROOT BUILD FOLDER...: "object source" for each object of the folders; objects that an
# earlier build left behind, whose source is gone, are passed over.
objects() {
    local root=$1 build=$2 folder object source
    shift 2
    for folder in "$@"; do
        [[ -d $build/$folder ]] || continue
        while IFS= read -r object; do
            source=${object#"$build"/}
            source=${source%.o}
            source=${source/CMakeFiles\/*.dir\//}
            source=${source/cmd\/__\//}
            if [[ -f $root/$source ]]; then
                echo "$object $source"
            fi
        done < <(find "$build/$folder" -name '*.c.o' | sort)
    done
}
