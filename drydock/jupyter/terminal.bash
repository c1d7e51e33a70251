# What bash reads in a terminal of `drydock lab` in place of ~/.bashrc, which it reads first: completion of `docker`.
# The file for zsh and other shells is the user's own.
[ ! -f ~/.bashrc ] || . ~/.bashrc

# docker prints its completion, which takes its words from the package bash-completion. This function stands in where
# the package is missing: it splits the line at blanks only, since names of images have colons.
if ! declare -F _get_comp_words_by_ref _init_completion >/dev/null; then
    _get_comp_words_by_ref() {
        local line=${COMP_LINE:0:COMP_POINT}
        read -ra words <<<"$line"
        [[ $line != *[[:space:]] ]] || words+=("")
        cword=$((${#words[@]} - 1))
        cur=${words[cword]} prev=${words[cword - 1]}
    }
fi

# Asking docker takes a moment, so it is asked at the first Tab. A docker before 23.0 prints none.
_drydock_docker() {
    local script
    script=$(docker completion bash 2>/dev/null) && eval "$script" && __start_docker "$@"
}
complete -o default -F _drydock_docker docker
