/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** States why a method may call what {@code .mvn/forbidden-signatures.txt} forbids; the check finds it by its name. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface SuppressForbidden {

    /** The reason. */
    String value();
}
