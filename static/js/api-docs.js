// Every operation of the API, to read and to try out. No inline script: the page's policy forbids it.
"use strict";
(() => {
  const place = document.getElementById("operations");
  SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    deepLinking: true,
  });
})();
