#!/bin/bash
# The style guide's rules that a script can judge.
# Usage: style.sh ROOT
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"
cd "$1"

readonly line_columns_max=100 function_lines_max=60 file_lines_max=500
banned='strcpy|strcat|sprintf|vsprintf|strtok|atoi|gets|alloca'
top_level='CMakeLists[.]txt|CMakePresets[.]json|README[.]md|LICENSE|common|deploy|node|proto|tests|[.].*'
# Bracketed so that these lines do not find themselves.
foreign_paths='/[w]ork(/|$|[^[:alnum:]_.-])|/tmp/[p]lan|/tmp/[b]uild-|/home/[a-z]'
unfinished='[T]ODO|[F]IXME|(^|[^X])[X]XX([^X]|$)'

# What is or could be committed; without git, all but the build folder.
list_files() {
    if [[ -e .git ]] && command -v git >/dev/null; then
        git -c safe.directory='*' ls-files --cached --others --exclude-standard | sort -u |
            while IFS= read -r file; do if [[ -f $file ]]; then echo "$file"; fi; done
    else
        find . -path ./build -prune -o -path ./.git -prune -o -type f -print | cut -c3- | sort
    fi
}

mapfile -t files < <(list_files)
mapfile -t code < <(printf '%s\n' "${files[@]}" | grep -E '[.][ch]$' || true)
mapfile -t headers < <(printf '%s\n' "${files[@]}" | grep -E '[.]h$' || true)
mapfile -t scripts < <(printf '%s\n' "${files[@]}" | grep -E '[.](sh|py)$' || true)

# each COMMAND...: one breach for each line that the command prints.
each() {
    local line
    while IFS= read -r line; do
        broken "$line"
    done < <("$@" || true)
}

long_files() {
    awk -v max="$file_lines_max" 'FNR == max + 1 { print FILENAME ": over " max " lines" }' \
        "${code[@]}" "${scripts[@]}" /dev/null
}

long_lines() {
    awk -v max="$line_columns_max" 'length($0) > max { print FILENAME ":" FNR ": over " max " columns" }' \
        "${code[@]}" /dev/null
}

# The layout puts a function's braces, and only these, alone into the first column.
long_functions() {
    awk -v max="$function_lines_max" '
        /^[a-z].*[(]/ { name = $0; sub(/[(].*/, "", name); sub(/.*[ *]/, "", name) }
        /^[{]$/ { start = FNR }
        /^[}]$/ && start > 0 {
            if (FNR - start - 1 > max)
                print FILENAME ":" start ": " name " has over " max " lines"
            start = 0
        }' "${code[@]}" /dev/null
}

# Looks at the code alone: strings are emptied and comments taken out, lines stay where they are.
banned_calls() {
    perl -0777 -ne '
        s{"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*}{my $m = $&; $m =~ s/[^\n]//g; "\"\"" . $m}gse;
        my $number = 0;
        for (split /\n/) {
            $number++;
            print "$ARGV:$number: $1 is banned\n" while /\b('"$banned"')\s*\(/g;
        }' "${code[@]}" /dev/null
}

bad_guards() {
    awk '
        function judge() {
            if (file == "")
                return
            if (guard !~ /^QUORATE_[A-Z0-9_]+_H$/ || defined != guard)
                print file ": has no header guard QUORATE_..._H"
            else if (guard in owner)
                print file ": has the header guard of " owner[guard]
            owner[guard] = file
        }
        FNR == 1 {
            judge(); file = FILENAME; guard = defined = ""; directives = 0
            if ($0 !~ /^\/[*] /) print file ": does not open by saying what it is for"
        }
        /^#/ && ++directives == 1 && $1 == "#ifndef" { guard = $2 }
        /^#/ && directives == 2 && defined == "" && $1 == "#define" { defined = $2 }
        END { judge() }' "${headers[@]}" </dev/null
}

strange_top_level() {
    printf '%s\n' "${files[@]}" | cut -d/ -f1 | sort -u | grep -vE "^($top_level)\$" |
        sed 's/$/: does not belong on the top level/'
}

matching_lines() {
    grep -InE "$1" "${files[@]}" /dev/null | sed "s/\$/  <- $2/"
}

each long_files
each long_lines
each long_functions
each banned_calls
each bad_guards
each strange_top_level
each matching_lines "$foreign_paths" "a path of somebody's own machine"
each matching_lines "$unfinished" "unfinished"
finish
