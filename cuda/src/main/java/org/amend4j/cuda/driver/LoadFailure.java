package org.amend4j.cuda.driver;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the failure to load a native library into a sentence that names what is missing. */
final class LoadFailure {

    private static final Pattern LIBRARY =
            Pattern.compile("(lib[\\w.+-]+\\.so[\\d.]*): cannot open shared object file");

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
        return "CUDA is not usable: " + failure.getMessage() + ".";
    }

    private static String owner(String library) {
        return library.startsWith("libcuda.so")
                ? "it comes with NVIDIA's driver"
                : "it comes with the CUDA toolkit 13 or its runtime libraries";
    }
}
