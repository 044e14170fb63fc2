/** Shows results in notebooks with the kernel JJava. */
@NullMarked
package org.amend4j.notebook;

import org.jspecify.annotations.NullMarked;
