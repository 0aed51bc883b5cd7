// Swagger UI publishes no types: the one call we make.
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUI(wishes: Record<string, unknown>): unknown;
}
