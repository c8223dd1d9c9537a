# Looks at what purge-template would find. Facts only; it judges and changes nothing.
cache=${SSM_CachePath:?$no_value}

make_work_directory
look_at_cache "$cache"
printf '{"action":"inspected","about":"template",%s,"problem":""}\n' "$(cache_facts)"
