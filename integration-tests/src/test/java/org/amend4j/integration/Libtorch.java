/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;

/** Opens libtorch from the build's own artifacts, without network and without a call home. */
public final class Libtorch {

    static {
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("OPT_OUT_TRACKING", "true");
        setIfAbsent(
                "DJL_CACHE_DIR",
                Path.of(System.getProperty("java.io.tmpdir"), "amend4j-djl").toString());
    }

    private Libtorch() {}

    /** A manager of CPU arrays; whoever asks for it closes it. */
    public static NDManager newManager() {
        return Engine.getEngine("PyTorch").newBaseManager(ai.djl.Device.cpu());
    }

    /** Makes one product use {@code threads} threads. */
    public static void setThreads(int threads) {
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(threads);
    }

    /** Threads one product uses. */
    public static int threads() {
        Engine.getEngine("PyTorch");
        return JniUtils.getNumThreads();
    }

    private static void setIfAbsent(String name, String value) {
        if (System.getProperty(name) == null && System.getenv(name) == null) {
            System.setProperty(name, value);
        }
    }
}
