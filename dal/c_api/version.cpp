#include "fairlead.h"

const char* fairlead_version() {
    return FAIRLEAD_VERSION;
}

uint32_t fairlead_c_interface() {
    return FAIRLEAD_C_INTERFACE;
}
