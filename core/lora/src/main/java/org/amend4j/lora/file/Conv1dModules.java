/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.regex.Pattern;

/**
 * Linears that Hugging Face's GPT-2 makes of its class {@code Conv1D}, by their module paths: their weights are [inputs, outputs] in PyTorch,
 * which PEFT calls {@code fan_in_fan_out}. Factors are the same as those of other linears.
 */
final class Conv1dModules {

    private static final Pattern NAMES = Pattern.compile("(.*\\.)?h\\.\\d{1,9}\\.(attn|mlp)\\.c_(attn|fc|proj)");

    private Conv1dModules() {}

    static boolean contain(String module) {
        return NAMES.matcher(module).matches();
    }
}
