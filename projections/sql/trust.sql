-- How much a source is trusted to say a trait: 0 when it is not listed, else the more the earlier it is listed.
-- `trusted` is JSON, trait (or "*" for all that are not named) -> sources; without any, nothing is asked.
if({trusted:String} = '{}', toUInt16(0), toUInt16((65536 - indexOf(
    JSONExtract({trusted:String}, 'Map(String, Array(String))')[
        if(mapContains(JSONExtract({trusted:String}, 'Map(String, Array(String))'), trait.1), trait.1, '*')],
    substring(said.1, position(said.1, '\0') + 1))) % 65536))
