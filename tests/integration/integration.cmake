include("${CMAKE_CURRENT_LIST_DIR}/python.cmake" OPTIONAL)
include("${CMAKE_CURRENT_LIST_DIR}/dal.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/library.cmake")
