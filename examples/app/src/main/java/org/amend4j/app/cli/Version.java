/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version Maven wrote into the jar. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"amend4j " + number()};
    }

    static String number() {
        try (InputStream in =
                Version.class.getResourceAsStream("/META-INF/maven/org.amend4j/amend4j-app/pom.properties")) {
            if (in == null) {
                return "(run from classes)";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "(unknown)");
        } catch (IOException unreadable) {
            return "(unknown)";
        }
    }
}
