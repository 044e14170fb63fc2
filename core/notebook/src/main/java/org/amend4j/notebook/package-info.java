/** Shows results in notebooks whose kernel is JJava. */
@NullMarked
package org.amend4j.notebook;

import org.jspecify.annotations.NullMarked;
