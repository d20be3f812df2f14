/* The native library of a test bundle, for its class NativeCode. */
#include <jni.h>
#include <unistd.h>

JNIEXPORT jint JNICALL
Java_org_handoff_itests_handlers_kinds_nativecode_NativeCode_process(JNIEnv *env, jclass type)
{
    (void) env;
    (void) type;
    return (jint) getpid();
}
