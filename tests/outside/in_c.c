#include <fairlead.h>
#include <stdio.h>

int main(void) {
    fairlead_error* error;
    fairlead_source* source = fairlead_open("/there is no such file.toml", NULL, &error);
    const int expected = source == NULL && fairlead_error_kind(error) == FAIRLEAD_CONFIGURATION;
    printf("fairlead %s: %s\n", fairlead_version(), fairlead_error_message(error));
    fairlead_error_free(error);
    fairlead_source_free(source);
    return expected && fairlead_c_interface() == FAIRLEAD_C_INTERFACE ? 0 : 1;
}
