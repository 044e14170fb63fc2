/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the failure to load a native library into a sentence that names what is missing. */
final class LoadFailure {

    private static final Pattern LIBRARY =
            Pattern.compile("(lib[\\w.+-]+\\.so[\\d.]*): cannot open shared object file");

    private static final Pattern TOOLKIT = Pattern.compile("\\.so\\.(\\d+)");

    private LoadFailure() {}

    static String sentence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null) {
                Matcher matcher = LIBRARY.matcher(message);
                if (matcher.find()) {
                    return "CUDA is not usable: the system has no " + matcher.group(1) + " (" + owner(matcher.group(1))
                            + ").";
                }
            }
        }
        return "CUDA is not usable: " + withoutLibrary(failure) + ".";
    }

    /** A class that is not there is told by its name alone, one that failed before without its reason. */
    private static String withoutLibrary(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof NoClassDefFoundError) {
            return message.contains(" ")
                    ? "its libraries failed to load earlier in this process"
                    : "there is no class " + message.replace('/', '.') + " on the class path";
        }
        return message;
    }

    private static String owner(String library) {
        if (library.startsWith("libcuda.so")) {
            return "it comes with NVIDIA's driver";
        }
        // the number is the toolkit's: 13, or 11 with the presets of ND4J's CUDA backend
        Matcher toolkit = TOOLKIT.matcher(library);
        return "it comes with the CUDA toolkit" + (toolkit.find() ? " " + toolkit.group(1) : "")
                + " or its runtime libraries";
    }
}
