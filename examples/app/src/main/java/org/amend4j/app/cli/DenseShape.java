/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.data.BadInputException;

/** Dense layers of one width, written 4x4096. */
record DenseShape(int layers, int width) {

    private static final Pattern WRITTEN = Pattern.compile("([1-9][0-9]{0,2})x([1-9][0-9]{0,4})");

    static DenseShape of(String written) {
        Matcher matcher = WRITTEN.matcher(written);
        if (!matcher.matches()) {
            throw new BadInputException("--dense must be LAYERSxWIDTH, such as 4x4096, got '" + written + "'");
        }
        return new DenseShape(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public String toString() {
        return layers + "x" + width;
    }
}
