/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/** Subjects in the form of RAND HIE who never were. */
public final class MadeUp {

    private MadeUp() {}

    /** Subjects with three rows each; the chronically ill see a doctor more often. */
    public static RandHie subjects(int count) throws IOException {
        Random random = new Random(7);
        StringBuilder table = new StringBuilder("mdvis,lncoins,idp,lpi,fmde,physlm,disea,hlthg,hlthf,hlthp\n");
        for (int person = 0; person < count; person++) {
            double illness = 20 * random.nextDouble();
            String covariates = String.format(
                    Locale.ROOT,
                    "%.3f,%d,%.3f,%.3f,0,%.4f,%d,0,0",
                    4 * random.nextDouble(),
                    random.nextInt(2),
                    7 * random.nextDouble(),
                    8 * random.nextDouble(),
                    illness,
                    random.nextInt(2));
            for (int year = 0; year < 3; year++) {
                int visits = random.nextDouble() < 0.3 + illness / 40 ? 2 : 0;
                table.append(visits).append(',').append(covariates).append('\n');
            }
        }
        return RandHie.read(
                new ByteArrayInputStream(table.toString().getBytes(StandardCharsets.US_ASCII)), "made-up.csv");
    }
}
