
_lago_ns_completion() {
    local IFS=$'
'
    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \
                   COMP_CWORD=$COMP_CWORD \
                   _LAGO_NS_COMPLETE=complete_bash $1 ) )
    return 0
}

complete -o default -F _lago_ns_completion lago-ns

